"""Adjusting an account: alone up to a limit, and by two operators beyond it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from billing.adapters.adjustment_store import AdjustmentStore
from billing.adapters.ledger_store import CompanionRefusedError, LedgerStore, TransactItem
from billing.domain.adjustment import (
    Adjustment,
    AdjustmentIdReusedError,
    AdjustmentNotFoundError,
    entries_of,
    needs_approval,
)
from billing.domain.entry import Entry
from kernel.errors import TemporarilyUnavailableError
from kernel.operators.log import OperatorLog, OperatorRecord
from kernel.operators.operations import Call


@dataclass(frozen=True, slots=True)
class AdjustmentOrder:
    """What an operator asks for; the id makes it happen once."""

    adjustment_id: str
    user_id: str
    credits: int
    reason: str
    four_eyes: bool


class Adjusting:
    """Carries out adjustments; each effect shares its transaction with its record.

    Parameters
    ----------
    ledger
        Where the credits move.
    adjustments
        Where adjustments are.
    log
        Where it is recorded.
    alone_limit
        The most credits that one operator may give or take alone.
    """

    def __init__(
        self,
        ledger: LedgerStore,
        adjustments: AdjustmentStore,
        log: OperatorLog,
        alone_limit: int,
    ) -> None:
        self._ledger = ledger
        self._adjustments = adjustments
        self._log = log
        self._alone_limit = alone_limit

    def adjust(self, order: AdjustmentOrder, call: Call) -> Adjustment:
        """Adjust, or ask a second operator to; under an id that is known, change nothing.

        Raises
        ------
        InsufficientCreditsError
            If it takes more than can be spent.
        AdjustmentIdReusedError
            If the id is another adjustment's.
        AccountBusyError, TemporarilyUnavailableError
            If nothing could be changed.
        """
        asked = Adjustment(
            id=order.adjustment_id,
            user_id=order.user_id,
            credits=order.credits,
            reason=order.reason,
            requested_by=call.operator,
            requested_at=call.at,
        )
        known = self._adjustments.get(order.adjustment_id)
        if known is not None:
            return self._repeated(known, asked, call)
        if needs_approval(order.credits, self._alone_limit, four_eyes=order.four_eyes):
            return self._stored(asked, call)
        return self._applied(asked.applied(call.operator, call.at), call, is_new=True)

    def approve(self, adjustment_id: str, call: Call) -> Adjustment:
        """Let a requested adjustment take effect.

        Raises
        ------
        AdjustmentNotFoundError, AdjustmentDecidedError, SecondOperatorNeededError
            It stays as it is.
        InsufficientCreditsError, AccountBusyError, TemporarilyUnavailableError
            As `adjust`; it stays requested.
        """
        approved = self.get(adjustment_id).approved(call.operator, call.at)
        return self._applied(approved, call, is_new=False)

    def reject(self, adjustment_id: str, reason: str, call: Call) -> Adjustment:
        """Decide that a requested adjustment does not take effect.

        Raises
        ------
        AdjustmentNotFoundError, AdjustmentDecidedError
            It stays as it is.
        """
        rejected = self.get(adjustment_id).rejected(call.operator, call.at)
        record = replace(_record(rejected, call), reason=reason)
        self._commit(rejected, [self._adjustments.decision_of(rejected)], record)
        return rejected

    def get(self, adjustment_id: str) -> Adjustment:
        """Read an adjustment.

        Raises
        ------
        AdjustmentNotFoundError
            If there is none.
        """
        found = self._adjustments.get(adjustment_id)
        if found is None:
            raise AdjustmentNotFoundError("There is no such adjustment.")
        return found

    def _repeated(self, known: Adjustment, asked: Adjustment, call: Call) -> Adjustment:
        if not known.asks_for_the_same(asked):
            raise AdjustmentIdReusedError("This id was used for another adjustment.")
        self._log.append(call.record("repeated", known.id))
        return known

    def _stored(self, asked: Adjustment, call: Call) -> Adjustment:
        self._commit(asked, [self._adjustments.creation_of(asked)], _record(asked, call))
        return asked

    def _applied(self, applied: Adjustment, call: Call, *, is_new: bool) -> Adjustment:
        """Append the entries, store the adjustment and record it, in one transaction."""
        write_of = self._adjustments.creation_of if is_new else self._adjustments.decision_of

        def companions(made: Sequence[Entry]) -> list[TransactItem]:
            numbered = replace(applied, entry_no=made[-1].entry_no)
            return [write_of(numbered), self._log.write_of(_record(numbered, call))]

        try:
            entries = self._ledger.commit(
                applied.user_id,
                lambda account: entries_of(account, applied, call.correlation_id, call.at),
                companions,
            )
        except CompanionRefusedError as refused:
            raise self._overtaken() from refused
        return replace(applied, entry_no=entries[-1].entry_no)

    def _commit(
        self, adjustment: Adjustment, writes: list[TransactItem], record: OperatorRecord
    ) -> None:
        """Store what moves no credits, together with its record."""
        try:
            self._ledger.commit(
                adjustment.user_id, lambda _: (), lambda _: [*writes, self._log.write_of(record)]
            )
        except CompanionRefusedError as refused:
            raise self._overtaken() from refused

    @staticmethod
    def _overtaken() -> TemporarilyUnavailableError:
        """Say that somebody else stored or decided it a moment ago: asking again tells what."""
        return TemporarilyUnavailableError("The adjustment changed meanwhile. Try again.")


def _record(adjustment: Adjustment, call: Call) -> OperatorRecord:
    return call.record(
        adjustment.state.value,
        adjustment.id,
        reason=adjustment.reason,
        details={
            "user_id": adjustment.user_id,
            "credits": adjustment.credits,
            "requested_by": adjustment.requested_by,
            "entry_no": adjustment.entry_no,
        },
    )
