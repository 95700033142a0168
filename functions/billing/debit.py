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

from billing.adapters.ledger_store import (
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

__all__ = [
    "MAX_CREDITS",
    "Account",
    "AccountBusyError",
    "CompanionRefusedError",
    "Debit",
    "Debits",
    "GiveBack",
    "InsufficientCreditsError",
    "TransactItem",
]

_RUN: Final = "run"


@dataclass(frozen=True, slots=True)
class Debit:
    """A committed `spend` entry."""

    entry_no: int
    balance_after: int


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
    """

    def __init__(self, ledger: LedgerStore) -> None:
        self._ledger = ledger

    @classmethod
    def of_table(cls, table_name: str) -> Debits:
        """Make the interface on billing's table."""
        return cls(LedgerStore(table_name))

    def account(self, user_id: str) -> Account:
        """Read an account: one consistent read."""
        return self._ledger.account(user_id)

    def debit(  # each one is part of what is paid for
        self,
        account: Account,
        *,
        credits: int,
        run_id: str,
        now: datetime,
        correlation_id: str,
        companion: Callable[[Debit], TransactItem],
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
        companion
            Makes the item that stores the run. It must be a put under
            `attribute_not_exists(pk)`, so that a run is paid for once.

        Raises
        ------
        InsufficientCreditsError
            If fewer credits can be spent than the run costs.
        CompanionRefusedError
            If the run is stored already; its item comes along.
        AccountBusyError, TemporarilyUnavailableError
            If nothing could be changed.
        """
        command = Spend(credits, Cause(_RUN, run_id, correlation_id))
        entries = self._ledger.commit(
            account.user_id,
            lambda current: execute(current, command, now),
            lambda made: [companion(_debit(made))],
            account,
        )
        return _debit(entries)

    def give_back(  # each one is part of what is given back
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
