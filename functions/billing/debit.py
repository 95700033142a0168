"""The debit interface that billing publishes: pay for a run, and give back what it cost.

Both commit the ledger entry and the run's own item in one transaction, because "deduct and execute
in a single transaction" is the promise to the user. The other service brings its item as a
companion; everything about credits stays here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from billing.adapters.intent_store import IntentStore
from billing.adapters.ledger_store import (
    MAX_ATTEMPTS,
    AccountBusyError,
    CompanionRefusedError,
    LedgerStore,
    TransactItem,
)
from billing.domain.account import Account
from billing.domain.amounts import MAX_CREDITS
from billing.domain.commands import GiveBack as GiveBackCommand
from billing.domain.commands import Spend
from billing.domain.entry import Cause, Entry, EntryType
from billing.domain.ledger import InsufficientCreditsError, execute
from billing.group_commit import GroupCommit
from kernel.dynamodb import Item

__all__ = [
    "MAX_CREDITS",
    "NEVER",
    "Account",
    "AccountBusyError",
    "CompanionRefusedError",
    "Debit",
    "Debits",
    "GiveBack",
    "InsufficientCreditsError",
    "RunRecord",
    "TransactItem",
]

# In place of a number of attempts: debits are never grouped.
NEVER: Final = -1
_RUN: Final = "run"


@dataclass(frozen=True, slots=True)
class Debit:
    """A committed `spend` entry."""

    entry_no: int
    balance_after: int


@dataclass(frozen=True, slots=True)
class RunRecord:
    """How the other service stores the run that a debit pays for.

    Parameters
    ----------
    draft
        The run's item, without what the debit adds. A debit in a group is carried out by whoever
        comes first, so it must be plain data.
    write
        Makes the write of any draft for its debit. It must be a put under
        `attribute_not_exists(pk)`, so that a run is paid for once, and return what is in the way.
    find
        Reads the run consistently; None if it is not stored.
    """

    draft: Item
    write: Callable[[Item, Debit], TransactItem]
    find: Callable[[], Item | None]


@dataclass(frozen=True, slots=True)
class GiveBack:
    """A committed `spend_refund` entry."""

    entry_no: int
    balance_after: int


class Debits:
    """Takes credits for runs and gives them back.

    Parameters
    ----------
    ledger
        Where the entries go.
    group
        Carries debits of a hot account out together; None lets each go by itself.
    """

    def __init__(self, ledger: LedgerStore, group: GroupCommit | None = None) -> None:
        self._ledger = ledger
        self._group = group

    @classmethod
    def of_table(cls, table_name: str, group_commit_after: int = NEVER) -> Debits:
        """Make the interface on billing's table.

        Parameters
        ----------
        table_name
            The table.
        group_commit_after
            After how many attempts of its own a debit takes part in group commit.
        """
        ledger = LedgerStore(table_name)
        if group_commit_after == NEVER:
            return cls(ledger)
        return cls(ledger, GroupCommit(ledger, IntentStore(table_name), group_commit_after))

    def account(self, user_id: str) -> Account:
        """Read an account: one consistent read."""
        return self._ledger.account(user_id)

    def debit(
        self,
        account: Account,
        *,
        credits: int,
        run_id: str,
        now: datetime,
        correlation_id: str,
        run: RunRecord,
    ) -> Debit:
        """Take credits for a run and store the run, in one transaction.

        Parameters
        ----------
        account
            The account as read a moment ago.
        credits
            What the run costs.
        run_id
            The run, which the entry refers to.
        now
            The time of the debit.
        correlation_id
            The request's id.
        run
            How the run is stored.

        Raises
        ------
        InsufficientCreditsError
            If fewer credits can be spent than the run costs.
        CompanionRefusedError
            If the run is stored already, or was stored for this very call by another one; its
            item comes along.
        AccountBusyError, TemporarilyUnavailableError
            If nothing could be changed.
        """
        spend = Spend(credits, Cause(_RUN, run_id, correlation_id))
        if self._group is None:
            return self._alone(account, spend, now, run)
        try:
            attempts = self._group.attempts_alone(account.user_id, now)
            return self._alone(account, spend, now, run, attempts)
        except AccountBusyError:
            return self._in_a_group(self._group, account.user_id, spend, now, run)

    def _alone(
        self,
        account: Account,
        spend: Spend,
        now: datetime,
        run: RunRecord,
        attempts: int = MAX_ATTEMPTS,
    ) -> Debit:
        entries = self._ledger.commit(
            account.user_id,
            lambda current: execute(current, spend, now),
            lambda made: [run.write(run.draft, _debit(made))],
            account,
            attempts,
        )
        return _debit(entries)

    def _in_a_group(
        self, group: GroupCommit, user_id: str, spend: Spend, now: datetime, run: RunRecord
    ) -> Debit:
        entry = group.take_part(
            user_id, spend, now, run.draft, lambda draft, debit: run.write(draft, _debit([debit]))
        )
        if entry is not None:
            return _debit([entry])
        stored = run.find()
        if stored is not None:
            raise CompanionRefusedError(stored)
        # Nobody paid for it because the account could not. Only this call may say so, or pay.
        return self._alone(self.account(user_id), spend, now, run)

    def give_back(
        self,
        user_id: str,
        *,
        entry_no: int,
        run_id: str,
        now: datetime,
        correlation_id: str,
        companion: Callable[[GiveBack], TransactItem],
    ) -> GiveBack:
        """Give back what a run cost and mark the run, in one transaction.

        Parameters
        ----------
        user_id
            Whose account.
        entry_no
            The number of the run's `spend` entry.
        run_id
            The run, which the entry refers to.
        now
            The time of the give-back.
        correlation_id
            The id of the request that started the run.
        companion
            Makes the item that marks the run. Its condition must hold once only, so that the
            credits are given back once.

        Raises
        ------
        CompanionRefusedError
            If the run is marked already.
        LookupError
            If that entry is not the run's spend.
        AccountBusyError, TemporarilyUnavailableError
            If nothing could be changed.
        """
        spend = self._ledger.entry(user_id, entry_no)
        if spend is None or spend.type is not EntryType.SPEND or spend.cause.id != run_id:
            raise LookupError(f"entry {entry_no} is not the debit of {run_id}")
        command = GiveBackCommand(spend, Cause(_RUN, run_id, correlation_id))
        entries = self._ledger.commit(
            user_id,
            lambda current: execute(current, command, now),
            lambda made: [companion(_give_back(made))],
        )
        return _give_back(entries)


def _debit(entries: Sequence[Entry]) -> Debit:
    spend = next(entry for entry in entries if entry.type is EntryType.SPEND)
    return Debit(spend.entry_no, spend.after.balance)


def _give_back(entries: Sequence[Entry]) -> GiveBack:
    refund = next(entry for entry in entries if entry.type is EntryType.SPEND_REFUND)
    return GiveBack(refund.entry_no, entries[-1].after.balance)
