"""An adjustment: credits that operators give or take by hand, alone or with a second pair of eyes.

Its id is made once, by whoever asks, so that asking again changes nothing. It is applied in the
same transaction as its ledger entries, and that is possible once only (ADR 4).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from billing.domain.account import Account
from billing.domain.commands import Adjust
from billing.domain.entry import Cause, Entry
from billing.domain.ledger import execute
from kernel.errors import OperationRefusedError

CAUSE_KIND: Final = "adjustment"


class AdjustmentState(StrEnum):
    """Where an adjustment stands."""

    REQUESTED = "requested"
    APPLIED = "applied"
    REJECTED = "rejected"


class AdjustmentNotFoundError(OperationRefusedError):
    """No adjustment has this id."""

    code = "adjustment_not_found"


class AdjustmentDecidedError(OperationRefusedError):
    """The adjustment was applied or rejected already."""

    code = "adjustment_decided"


class AdjustmentIdReusedError(OperationRefusedError):
    """The id was used before, for another adjustment."""

    code = "adjustment_id_reused"


class SecondOperatorNeededError(OperationRefusedError):
    """Whoever asked for an adjustment cannot be the one who approves it."""

    code = "second_operator_needed"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What an operator asked for, and what became of it.

    `credits` are signed. `requested_by` and `decided_by` are ARNs that AWS confirmed; whoever
    adjusts alone is both. `entry_no` is that of the last ledger entry which it made.
    """

    id: str
    user_id: str
    credits: int
    reason: str
    requested_by: str
    requested_at: datetime
    state: AdjustmentState = AdjustmentState.REQUESTED
    decided_by: str | None = None
    decided_at: datetime | None = None
    entry_no: int | None = None

    def asks_for_the_same(self, other: Adjustment) -> bool:
        """Tell whether two say the same under one id."""
        return (self.user_id, self.credits, self.reason) == (
            other.user_id,
            other.credits,
            other.reason,
        )

    def applied(self, operator: str, now: datetime) -> Adjustment:
        """Note that it takes effect, decided by whoever may."""
        return replace(self, state=AdjustmentState.APPLIED, decided_by=operator, decided_at=now)

    def approved(self, operator: str, now: datetime) -> Adjustment:
        """Note that a second operator agrees.

        Raises
        ------
        AdjustmentDecidedError, SecondOperatorNeededError
            If it is decided already, or this operator asked for it.
        """
        self._verify_open()
        if operator == self.requested_by:
            raise SecondOperatorNeededError("Somebody else than who asked for it has to approve.")
        return self.applied(operator, now)

    def rejected(self, operator: str, now: datetime) -> Adjustment:
        """Note that it will not take effect; who asked may reject, which withdraws it.

        Raises
        ------
        AdjustmentDecidedError
            If it is decided already.
        """
        self._verify_open()
        return replace(self, state=AdjustmentState.REJECTED, decided_by=operator, decided_at=now)

    def _verify_open(self) -> None:
        if self.state is not AdjustmentState.REQUESTED:
            raise AdjustmentDecidedError(f"It is {self.state} already.")


def needs_approval(credits: int, alone_limit: int, *, four_eyes: bool) -> bool:
    """Tell whether a second operator has to agree.

    Parameters
    ----------
    credits
        What is asked for, signed.
    alone_limit
        The most that one operator may give or take alone.
    four_eyes
        Whether whoever asks wants it so.
    """
    return four_eyes or abs(credits) > alone_limit


def entries_of(
    account: Account, adjustment: Adjustment, correlation_id: str, now: datetime
) -> tuple[Entry, ...]:
    """Make the ledger entries of an adjustment.

    Raises
    ------
    InsufficientCreditsError
        If it takes more than can be spent.
    """
    cause = Cause(CAUSE_KIND, adjustment.id, correlation_id, adjustment.reason)
    return execute(account, Adjust(adjustment.credits, cause), now)
