"""What follows a payment: refunds and disputes take credits back, in proportion and once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.charge import Charge, ChargeStatus, Dispute, DisputeStatus
from billing.domain.entry import EntryType
from billing.domain.packages import Package
from billing.domain.purchase_parts import PurchaseStatus, Source
from billing.domain.purchase_settlement import Outcome, decide
from billing.domain.returned_money import credits_for
from billing.domain.verification import findings_of
from billing.saga.compensation import GIVEN_BACK
from tests.unit.billing.purchases.world import CARD, GROWTH, NOW, USER, World, a_charge, a_purchase

PAID = a_charge(ChargeStatus.SUCCESSFUL)
TOTAL = 550
STATUSES = list(DisputeStatus)


def refunded(amount: int, charge: Charge = PAID) -> Charge:
    """Return the charge with this much of it given back."""
    return replace(charge, refunded_amount=amount)


def disputed(
    status: DisputeStatus, dispute_id: str = "dspt_test_1", charge: Charge = PAID
) -> Charge:
    """Return the charge with a dispute."""
    return replace(charge, dispute=Dispute(dispute_id, status))


def told(world: World, *charges: Charge) -> World:
    """Tell of the charge as it was fetched at several moments."""
    for charge in charges:
        world.settlement.settle(
            world.purchase, charge, livemode=False, source=Source.WEBHOOK, now=NOW
        )
    return world


def steps(world: World) -> list[str]:
    """Return the purchase's history."""
    return [change.status.value for change in world.purchase.history]


def test_a_full_refund_takes_everything_bonus_included(world: World) -> None:
    """The buyer has the money, and no credit of it."""
    told(world.given_completed(), refunded(GROWTH.amount))
    assert world.purchase.status is PurchaseStatus.REFUNDED
    assert world.purchase.refunded_amount == GROWTH.amount
    assert world.purchase.clawed_back == TOTAL
    assert world.ledger.balance == 0
    assert steps(world) == ["pending", "completed", "refunded"]


def test_a_partial_refund_takes_its_share_and_shows_its_amount(world: World) -> None:
    """10 % of the price, 10 % of the credits; the purchase stays completed."""
    told(world.given_completed(), refunded(4_490))
    assert world.purchase.status is PurchaseStatus.COMPLETED
    assert (world.purchase.refunded_amount, world.purchase.clawed_back) == (4_490, 55)
    assert world.ledger.balance == TOTAL - 55


def test_a_share_is_rounded_down(world: World) -> None:
    """One satang of a 449-baht purchase is worth less than a credit."""
    told(world.given_completed(), refunded(1))
    assert world.purchase.refunded_amount == 1
    assert world.ledger.balance == TOTAL


def test_what_was_spent_becomes_debt(world: World) -> None:
    """The balance is never negative, and nothing is forgotten."""
    world.given_completed()
    world.spend(TOTAL)
    told(world, refunded(GROWTH.amount))
    account = world.ledger.account(USER)
    assert (account.balance, account.debt) == (0, TOTAL)


def test_an_open_dispute_marks_and_takes_nothing_yet(world: World) -> None:
    """Nothing is decided."""
    told(world.given_completed(), disputed(DisputeStatus.OPEN), disputed(DisputeStatus.PENDING))
    assert steps(world) == ["pending", "completed", "disputed"]
    assert world.ledger.balance == TOTAL


def test_a_won_dispute_restores(world: World) -> None:
    """Completed again, with all credits."""
    told(world.given_completed(), disputed(DisputeStatus.OPEN), disputed(DisputeStatus.WON))
    assert steps(world) == ["pending", "completed", "disputed", "completed"]
    assert world.ledger.balance == TOTAL


def test_a_lost_dispute_takes_what_refunds_left(world: World) -> None:
    """Refunds and dispute together take each credit once."""
    told(
        world.given_completed(),
        refunded(4_490),
        disputed(DisputeStatus.OPEN, charge=refunded(4_490)),
        disputed(DisputeStatus.LOST, charge=refunded(4_490)),
    )
    assert steps(world) == ["pending", "completed", "disputed", "refunded"]
    assert world.purchase.clawed_back == TOTAL
    assert [e.amount for e in world.ledger.posted if e.type is EntryType.CLAWBACK] == [-55, -495]


@pytest.mark.parametrize(("verdict", "end"), [("won", "completed"), ("lost", "refunded")])
def test_w08_a_dispute_that_is_closed_when_we_hear_of_it_leaves_its_trace(
    world: World, verdict: str, end: str
) -> None:
    """Closed before opened: the history still tells the whole way."""
    closed = disputed(DisputeStatus(verdict))
    told(world.given_completed(), closed, disputed(DisputeStatus.OPEN), closed)
    assert steps(world) == ["pending", "completed", "disputed", end]


def test_a_second_dispute_marks_again(world: World) -> None:
    """A bank may ask twice about one charge."""
    told(
        world.given_completed(),
        disputed(DisputeStatus.WON),
        disputed(DisputeStatus.OPEN, "dspt_test_2"),
    )
    assert world.purchase.status is PurchaseStatus.DISPUTED


def test_w08_a_refund_before_the_settlement_takes_its_share_at_once(world: World) -> None:
    """The late payment is credited and the refund clawed back, in one transaction."""
    told(world.given_charged(CARD), refunded(4_490))
    assert world.purchase.status is PurchaseStatus.COMPLETED
    assert [e.type for e in world.ledger.posted] == ["purchase", "bonus", "clawback"]
    assert world.ledger.balance == TOTAL - 55


def test_w08_a_dispute_before_the_settlement_is_credited_and_marked(world: World) -> None:
    """The money is there until the bank takes it."""
    told(world.given_charged(CARD), disputed(DisputeStatus.OPEN))
    assert steps(world) == ["pending", "completed", "disputed"]
    assert world.ledger.balance == TOTAL


@pytest.mark.parametrize("charge", [refunded(GROWTH.amount), disputed(DisputeStatus.LOST)])
def test_w08_money_that_went_back_before_the_settlement_credits_nothing(
    world: World, charge: Charge
) -> None:
    """There is no money."""
    told(world.given_charged(CARD), charge)
    assert world.purchase.status is PurchaseStatus.FAILED
    assert world.purchase.refunded_amount == charge.refunded_amount
    assert world.ledger.posted == []


def test_a_refund_of_a_second_payment_takes_no_credits(world: World) -> None:
    """It bought nothing, so nothing is undone."""
    told(world.given_completed(), refunded(100, replace(PAID, id="chrg_test_2")))
    assert world.purchase.refunded_amount == 0
    assert world.ledger.balance == TOTAL


def test_a_refund_shows_on_a_withdrawn_purchase(world: World) -> None:
    """What compensation gave back is told to the buyer."""
    world.given_charged(CARD)
    world.compensation._give_back(world.purchases.save(world.purchase.withdrawn(GIVEN_BACK, NOW)))
    told(world, refunded(GROWTH.amount))
    assert world.purchase.refunded_amount == GROWTH.amount
    assert world.ledger.posted == []


PACKAGES = st.builds(
    Package,
    st.just("any"),
    st.just("Any"),
    credits=st.integers(1, 10**6),
    bonus_credits=st.integers(0, 10**6),
    amount=st.integers(2_000, 15_000_000),
    currency=st.just("THB"),
    expires_after_days=st.none(),
)


@given(package=PACKAGES, data=st.data())
def test_the_share_is_cumulatively_exact(package: Package, data: st.DataObject) -> None:
    """Many refunds take what one of their sum takes, floor of the share, and in the end all."""
    purchase = replace(a_purchase(CARD), package=package)
    total = purchase.total_credits
    amounts = data.draw(st.lists(st.integers(1, package.amount), min_size=1, max_size=15))
    returned = taken = 0
    for amount in amounts:
        returned = min(returned + amount, package.amount)
        due = credits_for(purchase, returned) - taken
        assert due >= 0
        taken += due
        assert taken * package.amount <= total * returned < (taken + 1) * package.amount
    assert credits_for(purchase, package.amount) == total


SNAPSHOTS = st.builds(
    lambda amount, dispute: replace(refunded(amount), dispute=dispute),
    st.integers(0, GROWTH.amount),
    st.one_of(st.none(), st.builds(Dispute, st.just("dspt_test_1"), st.sampled_from(STATUSES))),
)


@given(seen=st.lists(SNAPSHOTS, max_size=10), spent=st.integers(0, TOTAL), paid=st.booleans())
def test_w08_in_any_order_the_credits_are_those_of_the_totals(
    seen: list[Charge], spent: int, *, paid: bool
) -> None:
    """Stale, repeated and reordered: what was taken is what the largest totals say, never more."""
    world = World()
    world.given_completed() if paid else world.given_charged(CARD)
    if paid and spent:
        world.spend(spent)
    for charge in seen:
        told(world, charge, charge)
    purchase = world.purchase
    account = world.ledger.account(USER)
    assert findings_of(USER, world.ledger.posted) == []
    if purchase.is_credited:
        is_all = purchase.status is PurchaseStatus.REFUNDED
        due = TOTAL if is_all else credits_for(purchase, purchase.refunded_amount)
        assert purchase.clawed_back == due
        assert account.balance - account.debt == TOTAL - (spent if paid else 0) - due


@given(seen=st.lists(SNAPSHOTS, max_size=8))
def test_w08_deciding_again_changes_nothing(seen: list[Charge]) -> None:
    """Whatever was decided, the same news is no news."""
    purchase = World().given_completed().purchase
    for charge in seen:
        purchase = decide(purchase, charge, livemode=False, source=Source.WEBHOOK, now=NOW).purchase
        again = decide(purchase, charge, livemode=False, source=Source.WEBHOOK, now=NOW)
        assert again.outcome is Outcome.NOTHING
        assert again.purchase == purchase
        assert not again.taking
