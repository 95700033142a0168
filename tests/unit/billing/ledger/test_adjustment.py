"""Adjustments: who may decide, and what they do to an account."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from billing.domain.account import Account
from billing.domain.adjustment import (
    Adjustment,
    AdjustmentDecidedError,
    AdjustmentState,
    SecondOperatorNeededError,
    entries_of,
    needs_approval,
)
from billing.domain.entry import EntryType
from billing.domain.ledger import InsufficientCreditsError

NOW = datetime(2026, 3, 1, tzinfo=UTC)
USER = "usr_00000000000000000000000001"
ADJUSTMENT = Adjustment("adj_00000000000000000000000001", USER, 50, "our fault", "first", NOW)


@pytest.mark.parametrize(
    ("credits", "operators"), [(1, 1), (100, 1), (-100, 1), (101, 2), (-101, 2)]
)
def test_beyond_the_limit_two_decide(credits: int, operators: int) -> None:
    """Given a limit of 100, more needs approval, whichever way it goes."""
    assert needs_approval(credits, 100, four_eyes=False) is (operators == 2)


def test_on_demand_two_decide() -> None:
    """Given an operator who wants a second pair of eyes, one credit needs them."""
    assert needs_approval(1, 100, four_eyes=True)


def test_another_operator_approves() -> None:
    """Given a request of the first, the second makes it take effect, and is named."""
    approved = ADJUSTMENT.approved("second", NOW)
    assert (approved.state, approved.requested_by, approved.decided_by) == (
        AdjustmentState.APPLIED,
        "first",
        "second",
    )


def test_nobody_approves_their_own() -> None:
    """Given the one who asked, approval is refused."""
    with pytest.raises(SecondOperatorNeededError):
        ADJUSTMENT.approved("first", NOW)


@pytest.mark.parametrize("state", [AdjustmentState.APPLIED, AdjustmentState.REJECTED])
def test_what_is_decided_stays_decided(state: AdjustmentState) -> None:
    """Given a decision, neither approving nor rejecting changes it."""
    decided = replace(ADJUSTMENT, state=state)
    for decide in (decided.approved, decided.rejected):
        with pytest.raises(AdjustmentDecidedError):
            decide("second", NOW)


def test_whoever_asked_may_withdraw() -> None:
    """Given the one who asked, rejecting is possible."""
    assert ADJUSTMENT.rejected("first", NOW).state is AdjustmentState.REJECTED


def test_its_entry_names_it_and_says_why() -> None:
    """Given 50 credits, the entry is an adjustment with its id, reason and request."""
    (entry,) = entries_of(Account(USER), ADJUSTMENT, "cor-1", NOW)
    assert (entry.type, entry.amount, entry.after.balance) == (EntryType.ADJUSTMENT, 50, 50)
    cause = (entry.cause.kind, entry.cause.id, entry.cause.correlation_id, entry.cause.reason)
    assert cause == ("adjustment", ADJUSTMENT.id, "cor-1", "our fault")


def test_l02_more_than_there_is_is_not_taken() -> None:
    """L02: given an empty account, taking is refused: it becomes no debt."""
    with pytest.raises(InsufficientCreditsError):
        entries_of(Account(USER), replace(ADJUSTMENT, credits=-1), "cor-1", NOW)
