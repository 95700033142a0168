"""Workflows and runs: forms from schemas, one run per click, and the way to the shop."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.session import GOOD_CARD
from tests.web.visitor import Visitor

CSV = "city,visitors\nBangkok,400\n"
RUN = "Run for 10 credits"


@pytest.fixture
def owner(visitor: Visitor) -> Visitor:
    """Somebody with credits, looking at a workflow."""
    visitor.session.buy_credits("starter")
    _open_workflow(visitor)
    return visitor


def _open_workflow(visitor: Visitor) -> None:
    workflow = visitor.session.engine.create_workflow("Visitors", "csv-summary", {"csv": CSV})
    visitor.go(f"/workflows/{workflow['id']}")


def test_a_double_click_runs_once(owner: Visitor) -> None:
    """Given an impatient person, when they click twice, then one run is paid."""
    keys = owner.posts_to("/runs")

    owner.button(RUN).dblclick()

    owner.sees("Run")
    expect(owner.page.get_by_text("Done").first).to_be_visible()
    assert len(keys) == 1
    assert owner.session.engine.account()["balance"] == 90


def test_a_run_is_followed_until_it_is_done(owner: Visitor) -> None:
    """Given a run, when it ends, then its status and its table are there without a reload."""
    owner.button(RUN).click()

    expect(owner.page.get_by_role("table", name="Columns")).to_be_visible()
    expect(owner.page.get_by_role("status").filter(has_text="Done")).to_be_attached()
    expect(owner.link("Balance")).to_contain_text("90")


def test_too_few_credits_lead_to_the_shop_and_back(visitor: Visitor) -> None:
    """Given no credits, when a run is refused, then the shop is one click away, and so is back."""
    _open_workflow(visitor)
    visitor.button(RUN).click()
    visitor.is_told(re.compile("More credits are needed.*It costs 10 credits; you have 0 credits"))

    visitor.page.get_by_role("alert").get_by_role("link", name="Buy credits").click()
    expect(visitor.page.get_by_role("main")).to_contain_text("10 credits more are needed")
    expect(visitor.page.get_by_role("radio", name=re.compile("Starter"))).to_be_checked()
    visitor.pay_by_card(GOOD_CARD)
    visitor.link("Back to what you were doing").click()
    visitor.button(RUN).click()

    expect(visitor.page.get_by_role("table", name="Columns")).to_be_visible()


def test_a_run_that_fails_says_why_and_gives_back(visitor: Visitor) -> None:
    """Given an address that must not be fetched, when it runs, then the credits come back."""
    session = visitor.session
    session.buy_credits("starter")
    workflow = session.engine.create_workflow(
        "Inside", "website-check", {"url": "http://127.0.0.1/"}
    )
    visitor.go(f"/workflows/{workflow['id']}")
    visitor.button("Run for 5 credits").click()

    result = visitor.page.get_by_role("main")
    expect(result).to_contain_text("This address must not be fetched.")
    expect(result).to_contain_text("5 credits were given back.")
    expect(visitor.link("Balance")).to_contain_text("100")


def test_a_form_marks_what_is_wrong_and_leads_there(visitor: Visitor) -> None:
    """Given a form with mistakes, when it is sent, then the first of them has the focus."""
    visitor.go("/workflows/new")
    visitor.choose(re.compile("Website check"))
    visitor.field("URL").fill("example")
    visitor.button("Create workflow").click()

    expect(visitor.field("Name")).to_be_focused()
    expect(visitor.field("Name")).to_have_accessible_description(re.compile("This is needed"))
    expect(visitor.field("URL")).to_have_accessible_description(re.compile("not a web address"))


def test_a_name_that_is_taken_is_marked(owner: Visitor) -> None:
    """Given a workflow, when another gets its name, then the field says so."""
    owner.go("/workflows/new")
    owner.field("Name").fill("visitors")
    owner.button("Create workflow").click()

    expect(owner.field("Name")).to_have_accessible_description(re.compile("already"))


def test_a_workflow_is_changed_and_archived(owner: Visitor) -> None:
    """Given a workflow, when it is renamed and archived, then the list follows."""
    owner.link(re.compile("^Edit$")).click()
    owner.field("Name").fill("Guests")
    owner.button("Save changes").click()
    owner.sees("Guests")

    owner.button("Archive").click()
    owner.button("Yes, archive it").click()

    expect(owner.page.get_by_role("main")).to_contain_text("No workflows yet.")


def test_a_change_elsewhere_is_not_overwritten(owner: Visitor) -> None:
    """Given a form that is open, when the workflow changes meanwhile, then it is shown anew."""
    owner.link(re.compile("^Edit$")).click()
    expect(owner.field("Name")).to_have_value("Visitors")
    (workflow,) = owner.session.engine.pages("/v1/workflows")
    owner.session.engine.call("PATCH", f"/v1/workflows/{workflow['id']}", {"name": "Guests"})

    owner.field("Name").fill("Mine")
    owner.button("Save changes").click()

    owner.is_told("changed elsewhere")
    expect(owner.field("Name")).to_have_value("Guests")
