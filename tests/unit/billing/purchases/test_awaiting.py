"""Waiting for a payment, with and without webhooks."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from billing.domain.charge import ChargeStatus
from billing.domain.purchase import PurchaseNotFoundError
from billing.domain.purchase_parts import PurchaseStatus, Source
from billing.domain.purchase_settlement import ChargeMismatchError
from billing.saga.awaiting import PATIENCE, PaymentUnresolvedError
from tests.unit.billing.purchases.world import NOW, PURCHASE, WINDOW, World, a_charge, a_purchase

LATER = NOW + timedelta(minutes=5)
AFTER_THE_END = NOW + WINDOW


def test_the_token_is_left_where_the_webhook_finds_it(world: World) -> None:
    """And nobody is told anything yet."""
    world.given_charged()
    world.awaiting.await_payment(PURCHASE, "token-1")
    assert world.purchases.tokens == {PURCHASE: "token-1"}
    assert world.signals == []


def test_a_payment_that_ended_before_the_wait_answers_it_at_once(world: World) -> None:
    """A webhook that came before the token found nothing to answer."""
    world.given(a_purchase().expired(Source.WEBHOOK, NOW))
    world.awaiting.await_payment(PURCHASE, "token-1")
    assert world.signals == [("token-1", "expired")]


def test_w12_without_any_webhook_the_payment_is_found(world: World) -> None:
    """Looking is enough."""
    world.given_charged()
    assert world.awaiting.reconcile(PURCHASE, LATER) == "pending"
    world.omise.pays()
    assert world.awaiting.reconcile(PURCHASE, LATER) == "completed"
    assert world.ledger.balance == 550
    assert world.purchase.history[-1].source is Source.RECONCILER


def test_looking_again_changes_nothing(world: World) -> None:
    """Settled is settled."""
    world.given_charged()
    world.omise.pays()
    outcomes = [world.awaiting.reconcile(PURCHASE, LATER) for _ in range(3)]
    assert outcomes == ["completed"] * 3
    assert world.ledger.balance == 550


def test_a_payment_that_failed_is_found(world: World) -> None:
    """3-D Secure was not passed, for example."""
    world.given_charged()
    world.omise.becomes("chrg_test_1", ChargeStatus.FAILED)
    assert world.awaiting.reconcile(PURCHASE, LATER) == "failed"


def test_s03_an_unpaid_charge_expires_here_and_at_omise(world: World) -> None:
    """When its time is over, and not before."""
    world.given_charged()
    assert world.awaiting.reconcile(PURCHASE, AFTER_THE_END - timedelta(seconds=1)) == "pending"
    assert world.awaiting.reconcile(PURCHASE, AFTER_THE_END) == "expired"
    assert world.omise.charges["chrg_test_1"].status is ChargeStatus.EXPIRED
    assert world.purchase.status is PurchaseStatus.EXPIRED


def test_s03_a_payment_at_the_last_second_is_credited(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paid between our look and the expiry: Omise refuses to expire, and decides."""
    world.given_charged()
    expire = world.omise.expire

    def paid_just_before(charge_id: str) -> None:
        world.omise.pays()
        expire(charge_id)

    monkeypatch.setattr(world.omise, "expire", paid_just_before)
    assert world.awaiting.reconcile(PURCHASE, AFTER_THE_END) == "completed"
    assert world.ledger.balance == 550


def test_a_charge_that_cannot_be_expired_is_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For three days; then somebody has to look at it."""
    world.given_charged()
    monkeypatch.setattr(world.omise, "expire", lambda _: None)
    assert world.awaiting.reconcile(PURCHASE, AFTER_THE_END) == "pending"
    with pytest.raises(PaymentUnresolvedError):
        world.awaiting.reconcile(PURCHASE, AFTER_THE_END + PATIENCE)


def test_w08_a_payment_after_expiry_is_still_credited(world: World) -> None:
    """The late webhook settles by the same rule."""
    world.given_charged()
    world.awaiting.reconcile(PURCHASE, AFTER_THE_END)
    world.omise.pays()
    settled = world.settlement.settle(
        world.purchase,
        world.omise.charges["chrg_test_1"],
        livemode=False,
        source=Source.WEBHOOK,
        now=AFTER_THE_END,
    )
    assert settled.status is PurchaseStatus.COMPLETED
    assert [change.status for change in settled.history] == ["pending", "expired", "completed"]
    assert world.ledger.balance == 550


def test_credits_expire_a_year_after_the_payment(world: World) -> None:
    """Counted from the completion, whenever that is."""
    world.given_charged()
    world.omise.pays()
    world.awaiting.reconcile(PURCHASE, LATER)
    grants = world.ledger.account(world.purchase.user_id).grants
    assert {grant.expires_at for grant in grants} == {LATER + timedelta(days=365)}
    assert world.purchase.grant_nos == (1, 2)


def test_a_charge_that_is_not_what_was_asked_for_settles_nothing(world: World) -> None:
    """The saga cannot go on: compensation follows."""
    world.given_charged()
    world.omise.charges["chrg_test_1"] = a_charge(ChargeStatus.SUCCESSFUL, amount=2_000)
    with pytest.raises(ChargeMismatchError):
        world.awaiting.reconcile(PURCHASE, LATER)
    assert world.ledger.posted == []


@pytest.mark.parametrize("now", [NOW, AFTER_THE_END])
def test_what_is_not_there_is_a_defect(world: World, now: datetime) -> None:
    """No purchase, or no charge: nothing to reconcile."""
    with pytest.raises(PurchaseNotFoundError):
        world.awaiting.reconcile(PURCHASE, now)
    world.given(a_purchase())
    with pytest.raises(LookupError):
        world.awaiting.reconcile(PURCHASE, now)
    world.given(a_purchase().with_charge(a_charge(), None, NOW))
    world.omise.charges["chrg_test_1"] = a_charge()
    with pytest.raises(LookupError):
        world.awaiting.reconcile(PURCHASE, now)
