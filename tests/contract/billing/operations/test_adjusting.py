"""Adjusting in DynamoDB: once, by whoever may, and never without its record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from billing.adapters.ledger_store import LedgerStore
from billing.domain.adjustment import (
    AdjustmentDecidedError,
    AdjustmentIdReusedError,
    AdjustmentNotFoundError,
    AdjustmentState,
    SecondOperatorNeededError,
)
from billing.domain.ledger import InsufficientCreditsError
from billing.domain.verification import findings_of
from billing.operations.adjusting import Adjusting, AdjustmentOrder
from kernel import dynamodb
from kernel.aws.json_api import AwsUnreachableError
from kernel.errors import TemporarilyUnavailableError
from kernel.operators.log import OperatorRecord
from tests.contract.billing.operations.conftest import FIRST, SECOND, call

Records = Callable[[], list[OperatorRecord]]
USER = "usr_00000000000000000000000001"
ADJUSTMENT = "adj_00000000000000000000000001"
SMALL = AdjustmentOrder(ADJUSTMENT, USER, 50, "our fault", four_eyes=False)
LARGE = replace(SMALL, credits=5_000)


def balance(ledger: LedgerStore) -> int:
    """Return the balance of a ledger that verifies."""
    entries = ledger.entries(USER, before=None, limit=50)
    assert findings_of(USER, entries[::-1]) == []
    return entries[0].after.balance if entries else 0


def outcomes(records: Records) -> set[tuple[str, str]]:
    """Return who did what; the test's clock stands still, so there is no order."""
    return {(record.operator, record.outcome) for record in records()}


def test_a_small_one_takes_effect_at_once(
    adjusting: Adjusting, ledger: LedgerStore, records: Records
) -> None:
    """Given 50 credits, they are there, and who gave them and why is on record."""
    applied = adjusting.adjust(SMALL, call())
    assert (applied.state, applied.entry_no) == (AdjustmentState.APPLIED, 1)
    assert adjusting.get(ADJUSTMENT) == applied
    assert balance(ledger) == 50
    (record,) = records()
    assert (record.operator, record.outcome, record.subject, record.reason) == (
        FIRST,
        "applied",
        ADJUSTMENT,
        "our fault",
    )
    assert record.details["credits"] == 50


def test_l04_the_same_id_again_changes_nothing(adjusting: Adjusting, ledger: LedgerStore) -> None:
    """L04: given an id that was used, asking again tells what it came to."""
    first = adjusting.adjust(SMALL, call())
    assert [adjusting.adjust(SMALL, call(SECOND)) for _ in range(3)] == [first] * 3
    assert balance(ledger) == 50


@pytest.mark.parametrize(
    "other", [replace(SMALL, credits=51), replace(SMALL, reason="another"), LARGE]
)
def test_an_id_belongs_to_one_adjustment(
    adjusting: Adjusting, ledger: LedgerStore, other: AdjustmentOrder
) -> None:
    """Given an id that was used for something else, it is refused."""
    adjusting.adjust(SMALL, call())
    with pytest.raises(AdjustmentIdReusedError):
        adjusting.adjust(other, call())
    assert balance(ledger) == 50


def test_l04_an_answer_that_got_lost_is_no_second_effect(
    adjusting: Adjusting, ledger: LedgerStore, monkeypatch: pytest.MonkeyPatch, records: Records
) -> None:
    """L04: given a transaction whose answer is lost, the repetition finds it done."""
    real = dynamodb.client().transact_write_items

    def lose_the_answer(**request: Any) -> Any:  # noqa: ANN401
        real(**request)
        raise AwsUnreachableError("TimeoutError")

    with monkeypatch.context() as patch:
        patch.setattr(dynamodb.client(), "transact_write_items", lose_the_answer)
        with pytest.raises(TemporarilyUnavailableError):
            adjusting.adjust(SMALL, call())
    assert adjusting.adjust(SMALL, call()).state is AdjustmentState.APPLIED
    assert balance(ledger) == 50
    assert outcomes(records) == {(FIRST, "applied"), (FIRST, "repeated")}


def test_effect_and_record_are_one_transaction(
    adjusting: Adjusting, ledger: LedgerStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given one call to DynamoDB, entry, adjustment and record are all in it."""
    requests: list[Any] = []
    real = dynamodb.client().transact_write_items

    def note(**request: Any) -> Any:  # noqa: ANN401
        requests.append(request["TransactItems"])
        return real(**request)

    monkeypatch.setattr(dynamodb.client(), "transact_write_items", note)
    adjusting.adjust(SMALL, call())
    (items,) = requests
    kinds = [item["Put"]["Item"]["pk"]["S"].partition("#")[0] for item in items]
    assert kinds == ["LEDGER", "ADJUSTMENT", "OPERATOR_LOG"]
    assert all("attribute_not_exists" in item["Put"]["ConditionExpression"] for item in items)
    assert balance(ledger) == 50


@pytest.mark.parametrize("order", [LARGE, replace(SMALL, four_eyes=True)])
def test_two_decide_about_much_or_on_demand(
    adjusting: Adjusting, ledger: LedgerStore, records: Records, order: AdjustmentOrder
) -> None:
    """Given more than one may give alone, nothing moves until a second operator approves."""
    assert adjusting.adjust(order, call()).state is AdjustmentState.REQUESTED
    assert balance(ledger) == 0
    approved = adjusting.approve(ADJUSTMENT, call(SECOND, "approve"))
    assert (approved.requested_by, approved.decided_by) == (FIRST, SECOND)
    assert balance(ledger) == order.credits
    assert outcomes(records) == {(FIRST, "requested"), (SECOND, "applied")}


def test_nobody_approves_their_own(adjusting: Adjusting, ledger: LedgerStore) -> None:
    """Given the one who asked, it stays requested."""
    adjusting.adjust(LARGE, call())
    with pytest.raises(SecondOperatorNeededError):
        adjusting.approve(ADJUSTMENT, call(FIRST, "approve"))
    assert balance(ledger) == 0


def test_asking_again_is_not_approving(adjusting: Adjusting, ledger: LedgerStore) -> None:
    """Given the second operator who asks for the same under the same id, nothing takes effect."""
    adjusting.adjust(LARGE, call())
    assert adjusting.adjust(LARGE, call(SECOND)).state is AdjustmentState.REQUESTED
    assert balance(ledger) == 0


def test_it_is_approved_once(adjusting: Adjusting, ledger: LedgerStore) -> None:
    """Given an approval, a second one, and a rejection, are refused."""
    adjusting.adjust(LARGE, call())
    adjusting.approve(ADJUSTMENT, call(SECOND, "approve"))
    with pytest.raises(AdjustmentDecidedError):
        adjusting.approve(ADJUSTMENT, call(SECOND, "approve"))
    with pytest.raises(AdjustmentDecidedError):
        adjusting.reject(ADJUSTMENT, "too late", call(SECOND, "reject"))
    assert balance(ledger) == LARGE.credits


def test_who_decides_on_what_is_outdated_by_then_is_refused(
    adjusting: Adjusting, ledger: LedgerStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a rejection between reading and approving, the condition stops the approval."""
    adjusting.adjust(LARGE, call())
    stale = adjusting.get(ADJUSTMENT)
    adjusting.reject(ADJUSTMENT, "not due", call(SECOND, "reject"))
    monkeypatch.setattr(adjusting, "get", lambda _id: stale)
    with pytest.raises(TemporarilyUnavailableError):
        adjusting.approve(ADJUSTMENT, call(SECOND, "approve"))
    assert balance(ledger) == 0


def test_a_rejected_one_says_why(adjusting: Adjusting, records: Records) -> None:
    """Given a rejection, its reason is on record."""
    adjusting.adjust(LARGE, call())
    rejected = adjusting.reject(ADJUSTMENT, "not due", call(SECOND, "reject"))
    assert rejected.state is AdjustmentState.REJECTED
    reasons = {record.outcome: record.reason for record in records()}
    assert reasons == {"requested": "our fault", "rejected": "not due"}


def test_l02_what_is_not_there_is_not_taken(
    adjusting: Adjusting, ledger: LedgerStore, records: Records
) -> None:
    """L02: given an account with too little, nothing is stored, and the id is still free."""
    taking = replace(SMALL, credits=-10)
    with pytest.raises(InsufficientCreditsError):
        adjusting.adjust(taking, call())
    with pytest.raises(AdjustmentNotFoundError):
        adjusting.get(ADJUSTMENT)
    assert (balance(ledger), records()) == (0, [])
