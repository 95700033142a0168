"""Group commit: concurrent debits of a hot account in one transaction (ADR 29).

Debits of one account go one after the other, so where many meet, most of what they send is
refused. A debit that takes part in a group puts an intent instead. The one whose intent is the
oldest commits for all; the others wait, and look whether theirs is gone.

Nothing here is a lock. Whoever commits does so under the conditions that the next entry's number
is free, that no run is stored and that every intent is there still. Several may try at once: one
gets through, and who dies is stepped in for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from billing.adapters.intent_store import IntentStore, number_of
from billing.adapters.ledger_store import (
    AccountBusyError,
    CompanionRefusedError,
    LedgerStore,
    TransactItem,
)
from billing.domain.account import Account
from billing.domain.commands import Spend
from billing.domain.debit_intents import DebitIntent, Group, group_of
from billing.domain.entry import Entry, EntryType
from kernel.backoff import Draw, from_system, full_jitter
from kernel.dynamodb import Item, TransactionCancelledError
from kernel.errors import TemporarilyUnavailableError

# Makes the write that stores the run of a draft, for which an entry pays.
WriteRun = Callable[[Item, Entry], TransactItem]

MAX_LOOKS: Final = 40
# So often the same intent is the oldest before others think that nobody commits it.
STALLED_LOOKS: Final = 8
# So long an account stays hot after debits have met on it.
HOT_FOR: Final = timedelta(seconds=5)
# Longer than anyone looks; whoever has given up by then has withdrawn, or is no more.
_OPEN_FOR: Final = timedelta(seconds=5)
_WITHDRAWALS: Final = 5
_WAIT_BASE_SECONDS: Final = 0.02
_WAIT_CAP_SECONDS: Final = 0.1


class GroupCommit:
    """Carries debits of hot accounts out together.

    Parameters
    ----------
    ledger, intents
        Where entries and intents are kept.
    after
        How many attempts a debit makes by itself before it takes part.
    sleep
        Waits between looks, in seconds.
    jitter
        Draws from 0 to 1 for the waits.
    """

    def __init__(
        self,
        ledger: LedgerStore,
        intents: IntentStore,
        after: int,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Draw = from_system,
    ) -> None:
        self.after = after
        self._ledger = ledger
        self._intents = intents
        self._sleep = sleep
        self._jitter = jitter
        self._hot: tuple[str, datetime] | None = None

    def attempts_alone(self, user_id: str, now: datetime) -> int:
        """Tell how often a debit is to try by itself: not at all where the account was just hot."""
        if self._hot is None:
            return self.after
        hot_user, until = self._hot
        return 0 if user_id == hot_user and now < until else self.after

    def take_part(
        self,
        user_id: str,
        spend: Spend,
        now: datetime,
        draft: Item,
        write_run: WriteRun,
    ) -> Entry | None:
        """Have a debit carried out, by whoever is faster.

        Parameters
        ----------
        user_id, spend
            Whose account, and what is to be taken for which run.
        now
            The time of the debit.
        draft
            The run as its service stores it, without what the debit adds.
        write_run
            Makes the write that stores the run of any draft, under the condition that it is not
            stored.

        Returns
        -------
        Entry | None
            The debit, if this call carried it out. None if others took the intent away: either
            the run is stored, or the account could not pay for it.

        Raises
        ------
        AccountBusyError
            If nobody carried it out, and nobody will.
        TemporarilyUnavailableError
            If DynamoDB cannot be reached.
        """
        if self.attempts_alone(user_id, now):  # they were made, and lost
            self._hot = (user_id, now + HOT_FOR)
        intent = DebitIntent(
            user_id,
            number_of(now),
            spend.credits,
            spend.cause,
            now,
            now + _OPEN_FOR,
            draft,
        )
        self._intents.put(intent)
        try:
            return self._await(intent, write_run)
        except (AccountBusyError, TemporarilyUnavailableError):
            if self._withdrawn(intent):
                raise
            return None

    def _await(self, mine: DebitIntent, write_run: WriteRun) -> Entry | None:
        """Look until the intent is gone, and carry it out as soon as it is the oldest."""
        before, seen = "", 0
        for look in range(MAX_LOOKS):
            oldest = self._intents.oldest(mine)
            if oldest is None:
                return None
            seen = seen + 1 if oldest.number == before else 1
            before = oldest.number
            if oldest.is_stale(mine.asked_at):
                self._discard([oldest])
            elif before == mine.number or seen >= STALLED_LOOKS:
                before = ""
                entry = self._lead(mine, write_run)
                if entry is not None:
                    return entry
            self._wait(look)
        raise AccountBusyError

    def _lead(self, mine: DebitIntent, write_run: WriteRun) -> Entry | None:
        """Carry out all open intents in one transaction; give this one's debit if it was there."""
        batch = _Batch(self._intents, self._intents.open(mine.user_id), mine.asked_at, write_run)
        try:
            entries = self._ledger.commit(mine.user_id, batch.decide, batch.companions, attempts=1)
        except AccountBusyError:
            return None
        except CompanionRefusedError as refusal:
            self._discard(batch.stored_already(refusal.positions))
            return None
        debits = [entry for entry in entries if entry.type is EntryType.SPEND]
        if len(debits) > 1:
            self._hot = (mine.user_id, mine.asked_at + HOT_FOR)
        return next((debit for debit in debits if debit.cause.id == mine.run_id), None)

    def _withdrawn(self, intent: DebitIntent) -> bool:
        for look in range(_WITHDRAWALS):
            try:
                return self._intents.withdraw(intent)
            except TransactionCancelledError:  # somebody carries it out at this moment, or tries to
                self._wait(look)
        raise TemporarilyUnavailableError("The service is busy. Try again.")

    def _discard(self, intents: Sequence[DebitIntent]) -> None:
        for intent in intents:
            with suppress(TransactionCancelledError):  # then somebody else takes care of it
                self._intents.discard(intent)

    def _wait(self, look: int) -> None:
        self._sleep(
            full_jitter(
                look,
                base_seconds=_WAIT_BASE_SECONDS,
                cap_seconds=_WAIT_CAP_SECONDS,
                draw=self._jitter,
            )
        )


class _Batch:
    """The intents that one transaction carries out, and the writes that come with its entries."""

    def __init__(
        self,
        store: IntentStore,
        intents: Sequence[DebitIntent],
        now: datetime,
        write_run: WriteRun,
    ) -> None:
        self._store = store
        self._intents = intents
        self._now = now
        self._write_run = write_run
        self._group = Group(Account(""))

    def decide(self, account: Account) -> Sequence[Entry]:
        """Make the entries of as many intents as possible."""
        self._group = group_of(account, self._intents, self._now)
        return self._group.entries

    def companions(self, _entries: Sequence[Entry]) -> list[TransactItem]:
        """Make the removals of the intents, those of paid ones first, and the puts of the runs."""
        group, removal = self._group, self._store.removal
        return [
            *(removal(intent, of_paid=True) for intent in group.paid),
            *(self._write_run(dict(intent.draft), debit) for intent, debit in group.debits),
            *(removal(intent, of_paid=False) for intent in group.uncovered),
        ]

    def stored_already(self, refused: Sequence[int]) -> list[DebitIntent]:
        """Name the intents that wait for a run which is stored, by the companions refused."""
        gone = {intent.number for no, intent in enumerate(self._group.paid) if no in refused}
        first_run = len(self._group.paid)
        stored = {
            intent.run_id
            for no, (intent, _) in enumerate(self._group.debits, first_run)
            if no in refused
        }
        return [
            intent
            for intent in self._group.paid
            if intent.run_id in stored and intent.number not in gone
        ]
