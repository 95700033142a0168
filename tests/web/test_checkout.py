"""Paying: PromptPay until it is paid, cards, 3-D Secure, and everything exactly once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.session import GOOD_CARD
from tests.web.visitor import CARD_WITHOUT_FUNDS, CHALLENGED_CARD, Visitor

PAY = re.compile("^Pay")


def test_a_promptpay_purchase_turns_into_paid_by_itself(shopper: Visitor) -> None:
    """Given the QR code on the screen, when the payment arrives, then the page says so."""
    page = shopper.page
    shopper.button(PAY).click()
    code = page.get_by_role("img", name=re.compile("PromptPay QR code for ฿449.00"))
    expect(code).to_be_visible()
    expect(page.get_by_role("timer")).to_contain_text(re.compile(r"\d\d:\d\d"))
    assert code.evaluate("it => it.decode().then(() => it.naturalWidth > 0)")

    shopper.session.omise("POST", f"/charges/{_charge(shopper)}/mark_as_paid")

    shopper.sees("Paid")
    expect(shopper.link("Balance")).to_contain_text("550")


def test_an_unpaid_code_runs_out(shopper: Visitor) -> None:
    """Given a QR code, when Omise says that its time is over, then so does the page."""
    shopper.button(PAY).click()
    expect(shopper.link("Open the QR code")).to_be_visible()

    shopper.session.omise("POST", f"/charges/{_charge(shopper)}/expire")

    shopper.sees("Payment expired")
    expect(shopper.page.get_by_role("main")).to_contain_text("No money was taken.")


def test_a_payment_can_be_left_and_taken_up_again(shopper: Visitor) -> None:
    """Given a payment that was begun, when the person comes back, then the shop leads to it."""
    shopper.button(PAY).click()
    expect(shopper.link("Open the QR code")).to_be_visible()

    shopper.go("/buy")
    shopper.link("Go on with it").click()

    expect(shopper.link("Open the QR code")).to_be_visible()


def test_a_card_pays(shopper: Visitor) -> None:
    """Given a good card, when it is entered in Omise's form, then the credits are there."""
    shopper.pay_by_card(GOOD_CARD)

    shopper.sees("Paid")
    assert shopper.session.engine.account()["balance"] == 550


def test_a_card_never_is_in_our_page(shopper: Visitor) -> None:
    """Given a card payment, when all of it is over, then our origin was not sent the number."""
    sent: list[str] = []
    shopper.page.on(
        "request", lambda it: sent.append(it.post_data or "") if shopper.url in it.url else None
    )
    shopper.pay_by_card(GOOD_CARD)
    shopper.sees("Paid")

    assert any("tokn_" in body for body in sent)
    assert not any(GOOD_CARD in body for body in sent)
    assert GOOD_CARD not in shopper.page.content()


def test_a_declined_card_says_why_and_lets_one_try_again(shopper: Visitor) -> None:
    """Given a card without funds, when it is declined, then another one can be used."""
    shopper.pay_by_card(CARD_WITHOUT_FUNDS)
    shopper.sees("Not paid")
    expect(shopper.page.get_by_role("main")).to_contain_text("not enough funds")

    shopper.link("Choose another way to pay").click()
    shopper.pay_by_card(GOOD_CARD)

    shopper.sees("Paid")


def test_a_form_that_is_closed_leaves_everything_as_it_was(shopper: Visitor) -> None:
    """Given Omise's form, when it is closed, then nothing was bought and the button is back."""
    keys = shopper.posts_to("/v1/purchases")
    shopper.choose(re.compile("card"))
    shopper.button(PAY).click()
    shopper.card_form.get_by_role("button", name="Cancel").click()

    expect(shopper.button(PAY)).to_be_focused()
    expect(shopper.button(PAY)).not_to_have_attribute("aria-disabled", "true")
    assert keys == []


@pytest.mark.parametrize(("answer", "title"), [("Confirm", "Paid"), ("Refuse", "Not paid")])
def test_the_bank_asks_and_sends_back(shopper: Visitor, answer: str, title: str) -> None:
    """Given 3-D Secure, when the bank has been answered, then the purchase ends accordingly."""
    shopper.pay_by_card(CHALLENGED_CARD)

    shopper.page.get_by_role("heading", name="3-D Secure").wait_for()
    shopper.button(answer).click()

    shopper.sees(title)
    expected = 550 if title == "Paid" else 0
    assert shopper.session.engine.account()["balance"] == expected


def test_coming_back_from_a_bank_proves_nothing(visitor: Visitor) -> None:
    """Given no purchase, when the return address is opened, then nothing is credited."""
    visitor.go("/buy/return")

    expect(visitor.page.get_by_role("main")).to_contain_text("no payment to come back to")
    assert visitor.session.engine.account()["balance"] == 0


def test_a_double_click_buys_once(shopper: Visitor) -> None:
    """Given an impatient person, when they click twice, then there is one purchase."""
    keys = shopper.posts_to("/v1/purchases")

    shopper.button(PAY).dblclick()

    expect(shopper.link("Open the QR code")).to_be_visible()
    assert len(keys) == 1
    assert len(list(shopper.session.engine.pages("/v1/purchases"))) == 1


def test_an_answer_that_got_lost_is_asked_for_with_the_same_key(shopper: Visitor) -> None:
    """Given a purchase whose answer was lost, when the person tries again, then it is the same."""
    keys = shopper.posts_to("/v1/purchases")

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    shopper.page.route("**/v1/purchases", lose_the_answer, times=1)
    shopper.button(PAY).click()
    shopper.is_told("cannot be reached")
    shopper.button("Try again").click()

    expect(shopper.link("Open the QR code")).to_be_visible()
    assert len(keys) == 2
    assert keys[0] == keys[1]
    assert len(list(shopper.session.engine.pages("/v1/purchases"))) == 1


def test_without_omise_the_card_form_says_what_to_do(shopper: Visitor) -> None:
    """Given that omise.js can't be loaded, when a card is to pay, then words say so."""
    shopper.page.route("**/omise.js", lambda route: route.abort())
    shopper.choose(re.compile("card"))
    shopper.button(PAY).click()

    shopper.is_told("The card form did not open.")


def _charge(visitor: Visitor) -> str:
    purchase = visitor.session.until(
        lambda: next(visitor.session.engine.pages("/v1/purchases")), lambda it: it["payment"]
    )
    charge: str = purchase["payment"]["charge_id"]
    return charge
