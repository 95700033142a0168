"""An operator's refund: credits set aside, refunded at Omise, used up; or given back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from billing.adapters.omise_errors import OmiseRefusalError, OmiseUnavailableError
from billing.adapters.purchase_store import PurchaseChangedError
from billing.domain.charge import DisputeStatus
from billing.domain.ledger import HoldError
from billing.domain.operator_refund import MAX_REFUNDS, RefundOrder, RefundRefusedError
from billing.domain.purchase_parts import PurchaseStatus, Refund, RefundState, Source
from billing.domain.verification import findings_of
from billing.refund.refunding import LOOKS, MAX_ATTEMPTS
from kernel.errors import TemporarilyUnavailableError
from tests.unit.billing.purchases.test_any_crash import LEDGER, Saboteur
from tests.unit.billing.purchases.world import (
    CARD,
    GROWTH,
    NOW,
    PURCHASE,
    USER,
    World,
    a_purchase,
    lost,
)

REQUEST = "request-1"
TOTAL = 550
MAX_STATES = 30
OMISE = ("get", "refund", "refund_requests")
TABLE = ("get", "save")


def an_order(
    amount: int | None = None, *, request_id: str = REQUEST, force: bool = False
) -> RefundOrder:
    """Return what an operator asks for; all that is left unless an amount is said."""
    return RefundOrder(request_id, PURCHASE, amount, "someone@example.com", "too many", force)


def refused(world: World, order: RefundOrder) -> str:
    """Return why a refund is refused; nothing was changed."""
    before = world.purchases.writes, len(world.ledger.posted)
    with pytest.raises(RefundRefusedError) as refusal:
        world.reserving.reserve(order, NOW)
    assert (world.purchases.writes, len(world.ledger.posted)) == before
    return refusal.value.reason


def run(world: World, order: RefundOrder) -> str:
    """Walk the state machine to its end, as `billing.refund.handler` describes it."""
    steps: dict[str, Callable[[], str]] = {
        "reserve": lambda: world.reserving.reserve(order, NOW),
        "refund": lambda: world.refunding.refund(PURCHASE, order.request_id, NOW),
        "capture": lambda: world.refunding.capture(PURCHASE, order.request_id, NOW),
        "release": lambda: world.reserving.release(PURCHASE, order.request_id, NOW),
    }
    state, look = "reserve", 1
    for _ in range(MAX_STATES):
        find = partial(world.refunding.find_refund, PURCHASE, order.request_id, look, NOW)
        try:
            outcome = _repeated(steps.get(state, find))
        except RefundRefusedError as refusal:
            outcome = {"provider_unavailable": "refused"}[refusal.reason]
        if outcome == "captured" or (outcome == "refused" and state != "refund"):
            return outcome
        look = look + 1 if outcome == "absent" else 1
        assert look <= LOOKS
        state = {
            "reserved": "refund",
            "refunded": "capture",
            "unknown": "find",
            "absent": "find",
            "retry": "refund",
            "refused": "release",
        }[outcome]
    pytest.fail("the refund does not end")


def _repeated(step: Callable[[], str]) -> str:
    for _ in range(3):
        try:
            return step()
        except (TemporarilyUnavailableError, PurchaseChangedError):
            continue
    pytest.fail("one fault makes a step fail three times")


def told(world: World) -> None:
    """Let a webhook come, whatever it is about."""
    charge = world.omise.get("chrg_test_1")
    world.settlement.settle(world.purchase, charge, livemode=False, source=Source.WEBHOOK, now=NOW)


def the_refund(world: World) -> Refund:
    """Return the operator's refund as it is stored."""
    refund = world.purchase.refund(REQUEST)
    assert refund is not None
    return refund


def balances(world: World) -> tuple[int, int, int]:
    """Return balance, held and debt of a ledger that verifies."""
    assert findings_of(USER, world.ledger.posted) == []
    account = world.ledger.account(USER)
    return account.balance, account.held, account.debt


def test_all_of_it_is_reserved_refunded_and_captured(world: World) -> None:
    """The money is back, the credits are gone, and no debt is left."""
    world.given_completed()
    assert run(world, an_order()) == "captured"
    assert world.omise.refunds == [GROWTH.amount]
    assert balances(world) == (0, 0, 0)
    assert world.purchase.status is PurchaseStatus.REFUNDED
    assert world.purchase.history[-1].source is Source.OPERATOR
    assert [e.type for e in world.ledger.posted[2:]] == ["reserve", "capture"]


def test_a_part_takes_its_share(world: World) -> None:
    """10 % of the money for 10 % of the credits."""
    world.given_completed()
    assert run(world, an_order(4_490)) == "captured"
    assert balances(world) == (495, 0, 0)
    assert world.purchase.status is PurchaseStatus.COMPLETED
    assert the_refund(world).state is RefundState.REFUNDED


def test_a_part_worth_no_credit_reserves_nothing(world: World) -> None:
    """One satang goes back, and the books still agree."""
    world.given_completed()
    assert run(world, an_order(1)) == "captured"
    assert balances(world) == (TOTAL, 0, 0)
    assert world.purchase.refunded_amount == 1


def test_reserved_credits_cannot_be_spent_meanwhile(world: World) -> None:
    """They are held until the refund is certain."""
    world.given_completed()
    world.reserving.reserve(an_order(), NOW)
    assert balances(world) == (0, TOTAL, 0)


@pytest.mark.parametrize("moment", ["before the answer", "before the capture", "after"])
def test_the_webhook_about_the_own_refund_takes_nothing_twice(world: World, moment: str) -> None:
    """Whenever `refund.create` comes."""
    world.given_completed()
    world.reserving.reserve(an_order(), NOW)
    world.refunding.refund(PURCHASE, REQUEST, NOW)
    if moment != "after":
        told(world)
    assert world.refunding.capture(PURCHASE, REQUEST, NOW) == "captured"
    told(world)
    assert balances(world) == (0, 0, 0)
    assert world.purchase.clawed_back == TOTAL


def test_the_webhook_between_two_reads_of_the_capture_is_noticed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The purchase was read with the hold, the account without it."""
    world.given_completed()
    world.reserving.reserve(an_order(), NOW)
    world.refunding.refund(PURCHASE, REQUEST, NOW)
    commit = world.ledger.commit

    def after_the_webhook(*given: Any) -> object:  # noqa: ANN401  # as the stock one
        monkeypatch.setattr(world.ledger, "commit", commit)
        told(world)
        return commit(*given)

    monkeypatch.setattr(world.ledger, "commit", after_the_webhook)
    assert world.refunding.capture(PURCHASE, REQUEST, NOW) == "captured"
    assert balances(world) == (0, 0, 0)


def test_a_hold_that_is_gone_without_a_trace_is_a_defect(world: World) -> None:
    """Nobody else may touch it; the saga gets stuck and raises the alarm."""
    world.given_completed()
    world.reserving.reserve(an_order(), NOW)
    world.refunding.refund(PURCHASE, REQUEST, NOW)
    world.ledger.posted = world.ledger.posted[:2]
    with pytest.raises(HoldError):
        world.refunding.capture(PURCHASE, REQUEST, NOW)
    with pytest.raises(TemporarilyUnavailableError):
        world.reserving.release(PURCHASE, REQUEST, NOW)


def test_somebody_elses_refund_meanwhile_is_clawed_back_beside_the_hold(world: World) -> None:
    """A refund from Omise's dashboard names no request of ours."""
    world.given_completed()
    world.reserving.reserve(an_order(4_490), NOW)
    world.omise.refund("chrg_test_1", 8_980, PURCHASE)
    told(world)
    assert balances(world) == (385, 55, 0)
    assert world.refunding.refund(PURCHASE, REQUEST, NOW) == "refunded"
    assert world.refunding.capture(PURCHASE, REQUEST, NOW) == "captured"
    assert balances(world) == (385, 0, 0)


def test_a_refund_that_shares_its_satang_with_others_stays_exact(world: World) -> None:
    """Three refunds by different hands take what their sum takes."""
    world.given_completed()
    for number, amount in enumerate((1_234, 5_678, 9_999)):
        run(world, an_order(amount, request_id=f"request-{number}"))
        world.omise.refund("chrg_test_1", 777, PURCHASE)
        told(world)
    returned = 1_234 + 5_678 + 9_999 + 3 * 777
    assert world.purchase.refunded_amount == returned
    assert world.purchase.clawed_back == TOTAL * returned // GROWTH.amount
    assert balances(world) == (TOTAL - world.purchase.clawed_back, 0, 0)


def test_promptpay_is_refused_before_anything_is_reserved(world: World) -> None:
    """It cannot be refunded through Omise; nobody even asks."""
    world.given_completed(None)
    assert refused(world, an_order()) == "promptpay"


def test_spent_credits_are_a_reason_to_refuse(world: World) -> None:
    """The buyer had what they paid for."""
    world.given_completed()
    world.spend(100)
    assert refused(world, an_order()) == "credits_spent"


def test_forced_spent_credits_become_debt(world: World) -> None:
    """What is there is set aside, the rest is owed."""
    world.given_completed()
    world.spend(100)
    assert run(world, an_order(force=True)) == "captured"
    assert balances(world) == (0, 0, 100)


def test_forced_without_any_credits_left_all_is_debt(world: World) -> None:
    """Nothing can be set aside, and the refund goes on."""
    world.given_completed()
    world.spend(TOTAL)
    assert run(world, an_order(force=True)) == "captured"
    assert balances(world) == (0, 0, TOTAL)


def test_what_is_not_there_cannot_be_refunded(world: World) -> None:
    """No purchase, not paid, more than is left, all of it back already."""
    assert refused(world, an_order()) == "purchase_not_found"
    world.given(a_purchase(CARD))
    assert refused(world, an_order()) == "not_completed"
    world = World().given_charged(CARD)
    assert refused(world, an_order()) == "not_completed"
    world = World().given_completed()
    assert refused(world, an_order(GROWTH.amount + 1)) == "amount_too_large"
    run(world, an_order())
    assert refused(world, an_order(request_id="request-2")) == "already_refunded"


def test_a_disputed_payment_is_the_banks_to_decide(world: World) -> None:
    """A refund beside it would give the money back twice."""
    world.given_completed()
    world.omise.disputed(DisputeStatus.OPEN)
    told(world)
    assert refused(world, an_order()) == "disputed"


def test_one_refund_at_a_time(world: World) -> None:
    """The second one waits until the first one is over."""
    world.given_completed()
    world.reserving.reserve(an_order(100), NOW)
    assert refused(world, an_order(100, request_id="request-2")) == "refund_under_way"


def test_a_purchase_is_refunded_a_bounded_number_of_times(world: World) -> None:
    """Omise's own limit."""
    world.given_completed()
    for number in range(MAX_REFUNDS):
        run(world, an_order(1, request_id=f"request-{number}"))
    assert refused(world, an_order(1, request_id="one more")) == "too_many_refunds"


def test_the_same_request_again_is_the_same_refund(world: World) -> None:
    """An execution's name may come again after years."""
    world.given_completed()
    assert run(world, an_order(4_490)) == "captured"
    assert run(world, an_order(4_490)) == "captured"
    assert world.omise.refunds == [4_490]


def test_a_refusal_of_omise_releases(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The credits are back, and the same request stays refused."""
    world.given_completed()

    def no(*_: object) -> None:
        raise OmiseRefusalError(422, "failed_refund", "no")

    monkeypatch.setattr(world.omise, "refund", no)
    assert run(world, an_order()) == "refused"
    assert balances(world) == (TOTAL, 0, 0)
    assert run(world, an_order()) == "refused"


def test_a_refusal_after_a_lost_answer_is_looked_into(world: World) -> None:
    """The first attempt appears after the last look; the second one finds nothing left."""
    world.given_completed()
    world.omise.after = [lost()]
    world.omise.hidden_looks = LOOKS
    assert run(world, an_order()) == "captured"
    assert world.omise.refunds == [GROWTH.amount]
    assert balances(world) == (0, 0, 0)


def test_attempts_are_bounded_and_then_released(world: World) -> None:
    """Omise never answers, and certainly never did it."""
    world.given_completed()
    world.omise.before = [lost() for _ in range(MAX_ATTEMPTS)]
    assert run(world, an_order()) == "refused"
    assert balances(world) == (TOTAL, 0, 0)
    assert world.omise.refunds == []


def test_what_was_never_sent_is_sent_again(world: World) -> None:
    """No connection, no effect: the step is run again and looks for nothing."""
    world.given_completed()
    world.omise.before = [OmiseUnavailableError("NewConnectionError", may_have_happened=False)]
    assert run(world, an_order()) == "captured"
    assert world.omise.refunds == [GROWTH.amount]


def test_a_charge_from_before_the_refund_keeps_the_credits_set_aside(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list shows the refund, the charge does not yet: the hold is not given back for that."""
    world.given_completed()
    order = an_order(4_490)
    before = world.omise.get("chrg_test_1")
    assert world.reserving.reserve(order, NOW) == "reserved"
    assert world.refunding.refund(PURCHASE, REQUEST, NOW) == "refunded"
    with monkeypatch.context() as patch:
        patch.setattr(world.omise, "get", lambda _: before)
        patch.setattr(world.omise, "refund_requests", lambda _: frozenset({REQUEST}))
        with pytest.raises(TemporarilyUnavailableError):
            world.refunding.capture(PURCHASE, REQUEST, NOW)
    assert balances(world) == (TOTAL - 55, 55, 0)
    assert world.refunding.capture(PURCHASE, REQUEST, NOW) == "captured"
    assert balances(world) == (TOTAL - 55, 0, 0)


def test_a_refund_that_does_not_show_yet_is_captured_later(world: World) -> None:
    """Omise's answer came before its own books agreed."""
    world.given_completed()
    world.reserving.reserve(an_order(), NOW)
    with pytest.raises(TemporarilyUnavailableError):
        world.refunding.capture(PURCHASE, REQUEST, NOW)


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("call_no", range(1, 14))
@pytest.mark.parametrize("amount", [None, 4_490])
def test_l04_killed_at_any_call_it_refunds_once(
    amount: int | None, call_no: int, side: str
) -> None:
    """One refund at Omise, and exactly its credits."""
    world = World().given_completed()
    saboteur = Saboteur(call_no, side)
    saboteur.watch(world.omise, OMISE, None)
    saboteur.watch(world.purchases, TABLE, TemporarilyUnavailableError)
    saboteur.watch(world.ledger, LEDGER, TemporarilyUnavailableError)
    assert run(world, an_order(amount)) == "captured"
    assert world.omise.refunds == [amount or GROWTH.amount]
    assert balances(world) == ((495 if amount else 0), 0, 0)
