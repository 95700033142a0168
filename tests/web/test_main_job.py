"""The main job in the browser: register, buy, pay, make a workflow, run it, read what it found."""

from __future__ import annotations

import re
import secrets

from playwright.sync_api import expect

from tests.web.visitor import Visitor

CSV = "city,visitors\nChiang Mai,120\nPhuket,80\nBangkok,400\n"
PASSWORD = "a long sentence is a good password"
CREDITS = "550"
LEFT = "540"


def test_the_main_job_by_mouse(stranger: Visitor) -> None:
    """Given a newcomer with a mouse, when they do the main job, then every step works."""
    page = stranger.page
    stranger.go("/")
    stranger.link("Create account").click()
    stranger.field("E-mail").fill(f"mouse-{secrets.token_hex(6)}@example.com")
    stranger.field("Password").fill(PASSWORD)
    stranger.button("Create account").click()

    stranger.link("Start with a package").click()
    stranger.choose(re.compile("Growth"))
    stranger.button(re.compile("^Pay")).click()
    with page.expect_popup() as phone:
        stranger.link("Open the QR code").click()
    phone.value.get_by_role("button", name="Pay").click()
    stranger.sees("Paid")
    expect(page.get_by_role("main")).to_contain_text(f"{CREDITS} credits are yours.")

    stranger.link("Use them").click()
    stranger.link("New workflow").click()
    stranger.field("Name").fill("Visitors")
    stranger.field("CSV").fill(CSV)
    stranger.button("Create workflow").click()
    stranger.button("Run for 10 credits").click()
    _reads_the_summary(stranger)

    stranger.link("Home").click()
    expect(page.get_by_test_id("balance")).to_contain_text(LEFT)


def test_the_main_job_by_keyboard_alone(stranger: Visitor) -> None:
    """Given a newcomer without a mouse, when they do the main job, then every step works."""
    page = stranger.page
    stranger.go("/register")
    stranger.sees("Create account")
    email = f"keys-{secrets.token_hex(6)}@example.com"
    stranger.tab_through([("E-mail", email), ("Password", PASSWORD)])
    stranger.press("Enter")
    stranger.sees("Home")

    stranger.tab_to("Start with a package")
    stranger.press("Enter")
    stranger.sees("Buy credits")
    expect(page.get_by_role("radio", name=re.compile("Growth"))).to_be_checked()
    stranger.tab_to("Growth")
    stranger.tab_to("Pay")
    stranger.press("Enter")
    expect(stranger.link("Open the QR code")).to_be_visible()
    stranger.tab_to("Open the QR code")
    with page.expect_popup() as phone:
        stranger.press("Enter")
    phone.value.get_by_role("button", name="Pay").wait_for()
    phone.value.keyboard.press("Tab")
    phone.value.keyboard.press("Enter")
    page.bring_to_front()
    stranger.sees("Paid")

    stranger.tab_to("Use them")
    stranger.press("Enter")
    expect(stranger.link("New workflow")).to_be_visible()
    stranger.tab_to("New workflow")
    stranger.press("Enter")
    stranger.sees("New workflow")
    stranger.tab_through([("Name", "Visitors"), ("CSV", CSV)])
    stranger.tab_to("Create workflow")
    stranger.press("Enter")
    expect(stranger.button("Run for 10 credits")).to_be_visible()
    stranger.tab_to("Run for 10 credits")
    stranger.press("Enter")
    _reads_the_summary(stranger)


def _reads_the_summary(visitor: Visitor) -> None:
    table = visitor.page.get_by_role("table", name="Columns")
    expect(table).to_be_visible()
    expect(table.get_by_role("row", name=re.compile("visitors"))).to_contain_text("200")
