"""Debit intents: what a hot account is asked for, and which of it one transaction can do.

A debit that keeps losing against others says what it wants in an intent. Whoever commits next does
so for all: each intent becomes a `spend` entry of its own, as if they had come one after another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from billing.domain.account import Account
from billing.domain.commands import Spend
from billing.domain.entry import Cause, Entry
from billing.domain.ledger import InsufficientCreditsError, execute

MAX_ITEMS: Final = 100  # of a transaction
# Entries grow with the open grants, by 20 bytes each at most; 2 MB leave room for the rest of 4 MB.
_MAX_GRANT_ROWS: Final = 80_000
# Beside its entries, an intent needs the put of its run and its own removal.
_RUN_AND_REMOVAL: Final = 2


@dataclass(frozen=True, slots=True)
class DebitIntent:
    """A debit that anyone may carry out, up to a moment.

    `number` sorts as the intents came; `draft` is the run as its service stores it, without what
    the debit adds to it, and means nothing here.
    """

    user_id: str
    number: str
    credits: int
    cause: Cause
    asked_at: datetime
    not_after: datetime
    draft: Mapping[str, Any]

    @property
    def run_id(self) -> str:
        """The run that is to be paid for; requests that repeat each other ask for the same."""
        return self.cause.id

    def is_stale(self, now: datetime) -> bool:
        """Tell whether nobody may carry it out any more: whoever asked has given up."""
        return now > self.not_after


@dataclass
class Group:
    """What one transaction does: entries, oldest first, and the intents that it takes away.

    `debits` are the runs that are paid for, each with the intent whose draft it is stored by, and
    `paid` all intents that ask for one of them. `uncovered` are those that the account, as it is
    after the entries, cannot pay for: whoever asked decides anew, and is refused by nobody else.
    """

    account: Account
    entries: list[Entry] = field(default_factory=list)
    debits: list[tuple[DebitIntent, Entry]] = field(default_factory=list)
    paid: list[DebitIntent] = field(default_factory=list)
    uncovered: list[DebitIntent] = field(default_factory=list)
    _runs: set[str] = field(default_factory=set)
    _grant_rows: int = 0

    @property
    def item_count(self) -> int:
        """How many items the transaction has."""
        return len(self.entries) + len(self.debits) + len(self.paid) + len(self.uncovered)

    def has_room_for(self, entries: Sequence[Entry]) -> bool:
        """Tell whether a debit's entries fit in, with all that comes along."""
        fits = self._grant_rows + _grant_rows(entries) <= _MAX_GRANT_ROWS or not self.entries
        return fits and self.item_count + len(entries) + _RUN_AND_REMOVAL <= MAX_ITEMS

    def is_paid(self, intent: DebitIntent) -> bool:
        """Tell whether an intent's run is paid for already, by another one that repeats it."""
        return intent.run_id in self._runs

    def pay(self, intent: DebitIntent, entries: Sequence[Entry]) -> None:
        """Add a debit."""
        self.entries += entries
        self.debits.append((intent, entries[-1]))
        self.paid.append(intent)
        self._runs.add(intent.run_id)
        self._grant_rows += _grant_rows(entries)
        self.account = entries[-1].after


def group_of(account: Account, intents: Sequence[DebitIntent], now: datetime) -> Group:
    """Carry out intents on an account, one after another, as far as one transaction goes.

    Parameters
    ----------
    account
        The account after its last entry.
    intents
        What is asked for, oldest first.
    now
        The time, which tells what is stale. Expiry is judged by when each debit was asked for, as
        for a debit that is alone.
    """
    group = Group(account)
    for intent in intents:
        if intent.is_stale(now):
            continue
        if group.item_count == MAX_ITEMS or not _added(group, intent):
            break
    return group


def _added(group: Group, intent: DebitIntent) -> bool:
    if group.is_paid(intent):
        group.paid.append(intent)
        return True
    try:
        entries = execute(group.account, Spend(intent.credits, intent.cause), intent.asked_at)
    except InsufficientCreditsError:
        group.uncovered.append(intent)
        return True
    if not group.has_room_for(entries):
        return False
    group.pay(intent, entries)
    return True


def _grant_rows(entries: Sequence[Entry]) -> int:
    return sum(len(entry.after.grants) + len(entry.movements) for entry in entries)
