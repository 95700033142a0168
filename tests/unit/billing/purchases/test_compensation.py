"""What is done when a saga cannot go on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from billing.adapters.omise_errors import OmiseRefusalError, OmiseUnavailableError
from billing.domain.charge import Card, ChargeStatus
from billing.domain.purchase_parts import PurchaseStatus, Source
from kernel.errors import TemporarilyUnavailableError
from tests.unit.billing.purchases.world import (
    CARD,
    NOW,
    PURCHASE,
    World,
    a_charge,
    a_purchase,
    lost,
)

WRONG = a_charge(ChargeStatus.SUCCESSFUL, amount=2_000)


def compensated(world: World) -> str:
    """Run the step."""
    return world.compensation.compensate(PURCHASE, {"Error": "Whatever"}, NOW)


def test_every_compensation_raises_the_alarm(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever comes of it."""
    world.given(a_purchase())
    compensated(world)
    assert '"PurchaseStuck"' in capsys.readouterr().out


def test_a_purchase_without_a_charge_fails(world: World) -> None:
    """The provider was not to be had; a webhook could still complete it."""
    world.given(a_purchase())
    assert compensated(world) == "failed"
    assert world.purchase.failure is not None
    assert world.purchase.failure.code == "provider_unavailable"


def test_money_that_can_be_settled_now_is_settled(world: World) -> None:
    """Before anything else is thought of."""
    world.given_charged()
    world.omise.pays()
    assert compensated(world) == "completed"
    assert world.ledger.balance == 550


def test_an_unpaid_charge_stays_payable(world: World) -> None:
    """Its webhook completes the purchase; giving up would take that away."""
    world.given_charged()
    assert compensated(world) == "stuck"
    assert world.purchase.is_pending


def test_a_charge_that_can_never_be_settled_is_given_back(world: World) -> None:
    """By card, all of it, once, and the purchase can never be completed."""
    world.given_charged(CARD)
    world.omise.charges["chrg_test_1"] = WRONG
    assert [compensated(world) for _ in range(3)] == ["failed"] * 3
    assert world.omise.refunds == [2_000]
    assert world.ledger.posted == []
    assert world.purchase.withdrawn_at == NOW


def test_a_refund_that_was_not_answered_is_repeated(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full refund cannot happen twice: Omise gives back no more than was paid."""
    world.given_charged(CARD)
    world.omise.charges["chrg_test_1"] = WRONG
    refund = world.omise.refund

    def answer_lost(*call: object) -> None:
        refund(*call)  # type: ignore[arg-type]  # passed on as it came
        raise lost()

    monkeypatch.setattr(world.omise, "refund", answer_lost)
    with pytest.raises(OmiseUnavailableError):
        compensated(world)
    assert compensated(world) == "failed"
    assert world.omise.refunds == [2_000]


def test_promptpay_cannot_be_given_back_through_omise(world: World) -> None:
    """The alarm calls for a person."""
    world.given_charged()
    world.omise.charges["chrg_test_1"] = WRONG
    assert compensated(world) == "stuck"
    assert world.omise.refunds == []
    assert world.purchase.status is PurchaseStatus.FAILED


@pytest.mark.parametrize(
    ("card", "outcome", "message"), [(None, "stuck", "Contact us"), (CARD, "failed", "given back")]
)
def test_a_charge_over_another_amount_is_made_unpayable(
    world: World, card: Card | None, outcome: str, message: str
) -> None:
    """Nobody has paid it yet, by QR code or after 3-D Secure, and nobody should."""
    world.given_charged(card)
    unpaid = replace(WRONG, status=ChargeStatus.PENDING, paid=False)
    world.omise.charges["chrg_test_1"] = unpaid
    assert [compensated(world) for _ in range(2)] == [outcome] * 2
    assert world.omise.charges["chrg_test_1"].status is ChargeStatus.EXPIRED
    assert world.purchase.failure is not None
    assert message in world.purchase.failure.message
    assert world.omise.refunds == []


def test_a_refused_refund_is_left_to_a_person(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The purchase stays withdrawn."""
    world.given_charged(CARD)
    world.omise.charges["chrg_test_1"] = WRONG

    def refused(*_: object) -> None:
        raise OmiseRefusalError(422, "failed_refund", "charge can't be refunded")

    monkeypatch.setattr(world.omise, "refund", refused)
    assert compensated(world) == "stuck"
    assert world.purchase.withdrawn_at is not None


def test_what_does_not_answer_is_asked_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Temporary trouble is no reason to give money back."""
    world.given_charged(CARD)

    def unanswered(_: str) -> None:
        raise lost()

    monkeypatch.setattr(world.omise, "get", unanswered)
    with pytest.raises(TemporarilyUnavailableError):
        compensated(world)
    assert world.purchase.is_pending


@pytest.mark.parametrize("card", [None, CARD])
def test_a_purchase_that_ended_meanwhile_stays_so(world: World, card: Card | None) -> None:
    """A webhook was faster."""
    world.given(a_purchase(card).expired(Source.WEBHOOK, NOW))
    assert compensated(world) == "expired"


def test_a_purchase_that_is_not_there_is_stuck(world: World) -> None:
    """The alarm says the rest."""
    assert compensated(world) == "stuck"
