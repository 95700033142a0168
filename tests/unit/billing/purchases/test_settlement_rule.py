"""What a fetched charge means for its purchase, whoever fetched it and when."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.charge import Charge, ChargeStatus
from billing.domain.purchase import Purchase
from billing.domain.purchase_parts import Failure, PurchaseStatus, Source
from billing.domain.purchase_settlement import ChargeMismatchError, Decision, Outcome, decide
from tests.unit.billing.purchases.world import CARD, NOW, WINDOW, a_charge, a_purchase

CHARGED = a_purchase().attempt_started(NOW).with_charge(a_charge(), NOW + WINDOW, NOW)
ENDS = [
    CHARGED,
    CHARGED.expired(Source.RECONCILER, NOW),
    CHARGED.failed(Failure("timeout", "took too long"), Source.WEBHOOK, NOW),
]
PAID = a_charge(ChargeStatus.SUCCESSFUL)


def decided(purchase: Purchase, charge: Charge, *, livemode: bool = False) -> Decision:
    """Decide as the webhook does."""
    return decide(purchase, charge, livemode=livemode, source=Source.WEBHOOK, now=NOW)


@pytest.mark.parametrize("purchase", ENDS, ids=lambda purchase: purchase.status)
def test_w08_money_completes_a_purchase_however_late(purchase: Purchase) -> None:
    """Pending, expired and failed: once Omise has the money, the buyer gets the credits."""
    decision = decided(purchase, PAID)
    assert decision.outcome is Outcome.COMPLETE
    assert decision.purchase.status is PurchaseStatus.COMPLETED
    assert decision.purchase.failure is None
    assert decision.purchase.history[-1].source is Source.WEBHOOK


def test_money_completes_a_purchase_whose_charge_was_not_recorded_yet() -> None:
    """The webhook may be faster than the saga, and then names the charge itself."""
    open_attempt = a_purchase(CARD).attempt_started(NOW)
    completed = decided(open_attempt, PAID).purchase
    assert completed.payment is not None
    assert completed.payment.charge_id == PAID.id
    assert completed.card is None


@pytest.mark.parametrize("paid", [True, False])
@pytest.mark.parametrize("status", list(ChargeStatus))
def test_only_successful_and_paid_is_money(status: ChargeStatus, *, paid: bool) -> None:
    """Either alone completes nothing."""
    decision = decided(CHARGED, a_charge(status, paid=paid))
    is_money = paid and status is ChargeStatus.SUCCESSFUL
    assert (decision.outcome is Outcome.COMPLETE) == is_money


def test_a_declined_charge_fails_with_what_omise_says() -> None:
    """Code and message are Omise's."""
    declined = a_charge(
        ChargeStatus.FAILED, failure_code="insufficient_fund", failure_message="no money"
    )
    decision = decided(CHARGED, declined)
    assert decision.outcome is Outcome.FAIL
    assert decision.purchase.failure == Failure("insufficient_fund", "no money")


@pytest.mark.parametrize(
    ("charge", "outcome"),
    [
        (a_charge(ChargeStatus.EXPIRED), Outcome.EXPIRE),
        (a_charge(ChargeStatus.REVERSED), Outcome.FAIL),
        (replace(PAID, refunded_amount=PAID.amount), Outcome.FAIL),
        (a_charge(ChargeStatus.PENDING), Outcome.NOTHING),
    ],
)
def test_a_charge_without_money_ends_or_keeps_the_purchase(
    charge: Charge, outcome: Outcome
) -> None:
    """Expired expires, reversed and wholly refunded fail, pending changes nothing."""
    assert decided(CHARGED, charge).outcome is outcome


def test_an_unpaid_charge_that_the_purchase_does_not_know_says_nothing() -> None:
    """An earlier attempt that failed must not end a purchase that waits for another charge."""
    other = a_charge(ChargeStatus.FAILED, id="chrg_test_2")
    assert decided(CHARGED, other).outcome is Outcome.NOTHING
    assert decided(a_purchase().attempt_started(NOW), other).outcome is Outcome.NOTHING


def test_a_second_payment_of_a_completed_purchase_is_noticed() -> None:
    """Nobody may keep money that bought nothing."""
    completed = decided(CHARGED, PAID).purchase
    second = replace(PAID, id="chrg_test_2")
    assert decided(completed, second).outcome is Outcome.PAID_TWICE
    assert decided(completed, PAID).outcome is Outcome.NOTHING


def test_a_withdrawn_purchase_is_never_completed() -> None:
    """Its payment is being returned: credits on top would be given away."""
    withdrawn = CHARGED.withdrawn(Failure("payment_not_accepted", "returned"), NOW)
    assert decided(withdrawn, PAID).outcome is Outcome.NOTHING


@pytest.mark.parametrize(
    ("difference", "reason"),
    [
        ({"metadata": {"purchase_id": "pur_other", "user_id": CHARGED.user_id}}, "purchase"),
        ({"metadata": {"purchase_id": CHARGED.id, "user_id": "usr_other"}}, "user"),
        ({"metadata": {"purchase_id": CHARGED.id}}, "user"),
        ({"amount": 2_000}, "amount"),
        ({"currency": "USD"}, "currency"),
        ({"livemode": True}, "livemode"),
    ],
)
def test_w07_a_charge_that_does_not_match_is_refused(
    difference: dict[str, object], reason: str
) -> None:
    """A real, paid, cheap charge of somebody else buys nothing."""
    charge = a_charge(ChargeStatus.SUCCESSFUL, **difference)
    with pytest.raises(ChargeMismatchError, match=reason):
        decided(CHARGED, charge)


def test_w09_a_test_charge_buys_nothing_for_real() -> None:
    """In a live deployment test money is none."""
    with pytest.raises(ChargeMismatchError, match="livemode"):
        decided(CHARGED, PAID, livemode=True)


NOTICES = st.lists(
    st.builds(
        a_charge,
        st.sampled_from(ChargeStatus),
        id=st.sampled_from(["chrg_test_1", "chrg_test_2"]),
        paid=st.booleans(),
        refunded_amount=st.sampled_from([0, 100, PAID.amount]),
    ),
    max_size=12,
)


@given(purchase=st.sampled_from([*ENDS, a_purchase().attempt_started(NOW)]), notices=NOTICES)
def test_w08_in_any_order_it_completes_once_and_never_goes_back(
    purchase: Purchase, notices: list[Charge]
) -> None:
    """Completed if and only if one notice was of money, and only once, whatever came around it."""
    completions = 0
    had_money = False
    for charge in notices:
        decision = decided(purchase, charge)
        completions += decision.outcome is Outcome.COMPLETE
        had_money |= charge.is_paid and not charge.is_returned
        purchase = decision.purchase
        again = decided(purchase, charge)
        assert again.outcome in {Outcome.NOTHING, Outcome.PAID_TWICE}
        assert again.purchase == purchase
    assert completions == int(had_money)
    assert purchase.is_credited == had_money
    assert (purchase.status in {PurchaseStatus.COMPLETED, PurchaseStatus.REFUNDED}) == had_money
