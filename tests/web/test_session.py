"""Sessions: kept over a reload and between tabs, renewed quietly, ended with a way back."""

from __future__ import annotations

import json

from playwright.sync_api import Route, expect

from tests.web.conftest import listen
from tests.web.visitor import Visitor


def test_a_reload_keeps_the_session(visitor: Visitor) -> None:
    """Given a session, when the page is loaded again, then it goes on."""
    visitor.page.reload()

    visitor.sees("Home")


def test_the_access_token_is_in_memory_only(visitor: Visitor) -> None:
    """Given a session, when storage is looked at, then there is no access token in it."""
    kept: str = visitor.page.evaluate(
        "JSON.stringify([{...sessionStorage}, {...localStorage}, document.cookie])"
    )

    assert "refreshToken" in kept
    assert "eyJ" not in kept  # how every JWT begins


def test_an_access_token_that_is_over_is_renewed_unnoticed(visitor: Visitor) -> None:
    """Given an access token that the API no longer takes, when it is used, then nobody notices."""
    visitor.page.route("**/v1/account/ledger*", _with_a_bad_token, times=1)

    visitor.link("Ledger").click()

    expect(visitor.page.get_by_role("main")).to_contain_text("Nothing here yet.")


def test_a_session_that_is_over_leads_back_to_the_same_page(visitor: Visitor) -> None:
    """Given a revoked session, when one goes on, then one signs in and is where one was."""
    visitor.session.engine.call(
        "POST", "/v1/auth/logout", {"refresh_token": _refresh_token(visitor)}
    )
    visitor.page.route("**/v1/account/ledger*", _with_a_bad_token, times=1)
    visitor.link("Ledger").click()

    expect(visitor.page.get_by_text("Your session is over.")).to_be_visible()
    visitor.sign_in()

    visitor.sees("Ledger")


def test_tabs_share_a_session_and_its_end(visitor: Visitor) -> None:
    """Given two tabs, when one signs out, then so has the other."""
    second = visitor.page.context.new_page()
    listen(second, visitor.complaints)
    second.goto(f"{visitor.url}/ledger")
    expect(second.get_by_role("heading", level=1, name="Ledger")).to_be_visible()

    second.get_by_role("button", name="Account and settings").click()
    second.get_by_role("button", name="Sign out").click()

    expect(second.get_by_role("heading", name="Sign in")).to_be_visible()
    visitor.sees("Sign in")


def test_a_duplicated_tab_does_not_end_the_session(visitor: Visitor) -> None:
    """Given a copy of a tab, when both renew their tokens in turn, then both stay signed in."""
    context = visitor.page.context
    copied: str = visitor.page.evaluate("JSON.stringify({...sessionStorage})")
    copy = context.new_page()
    listen(copy, visitor.complaints)
    copy.add_init_script(f"Object.assign(sessionStorage, {copied}); ")
    copy.goto(f"{visitor.url}/")
    expect(copy.get_by_role("heading", level=1, name="Home")).to_be_visible()

    for tab in (visitor.page, copy, visitor.page):
        tab.route("**/v1/account/ledger*", _with_a_bad_token, times=1)
        tab.get_by_role("link", name="Ledger").click()
        expect(tab.get_by_role("main")).to_contain_text("Nothing here yet.")
        tab.get_by_role("link", name="Home").click()
        expect(tab.get_by_test_id("balance")).to_be_visible()


def test_a_wrong_password_is_told_without_details(stranger: Visitor) -> None:
    """Given a wrong password, when one signs in, then the words do not tell which part is wrong."""
    stranger.go("/sign-in")
    stranger.field("E-mail").fill(stranger.session.email)
    stranger.field("Password").fill("something else entirely")
    stranger.button("Sign in").click()

    stranger.is_told("E-mail or password is wrong.")


def test_after_signing_in_no_other_site_is_next(stranger: Visitor) -> None:
    """Given a crafted address, when one signs in, then one stays here."""
    stranger.go("/sign-in?return=https://example.org/")
    stranger.sign_in()

    stranger.sees("Home")
    assert stranger.page.url == f"{stranger.url}/"


def test_an_error_has_words_and_a_reference_to_copy(visitor: Visitor) -> None:
    """Given that the API can't be reached, when a page is opened, then it says so, and recovers."""
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.page.route("**/v1/account/ledger*", lambda route: route.abort(), times=1)
    visitor.link("Ledger").click()
    visitor.is_told("The service cannot be reached.")

    shown = visitor.page.get_by_role("alert").locator("code").inner_text()
    visitor.button("Copy reference").click()
    assert visitor.page.evaluate("navigator.clipboard.readText()") == shown
    visitor.button("Try again").click()

    expect(visitor.page.get_by_role("main")).to_contain_text("Nothing here yet.")


def _with_a_bad_token(route: Route) -> None:
    route.continue_(headers={**route.request.headers, "authorization": "Bearer over"})


def _refresh_token(visitor: Visitor) -> str:
    kept = visitor.page.evaluate("sessionStorage.getItem('credit-engine.session')")
    token: str = json.loads(kept)["refreshToken"]
    return token
