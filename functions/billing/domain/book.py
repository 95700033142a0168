"""Writes entries: each one is derived from the account before it and checked against it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from billing.domain.account import Account, Grant, GrantKind, Hold, Movement
from billing.domain.entry import Cause, Entry, EntryType, seal


class Book:
    """Collects the entries of one command.

    Parameters
    ----------
    account
        The account as it is.
    now
        The time of the entries.
    cause
        What the entries belong to.
    """

    def __init__(self, account: Account, now: datetime, cause: Cause) -> None:
        self.account = account
        self.now = now - timedelta(microseconds=now.microsecond % 1000)
        self.entries: list[Entry] = []
        self._cause = cause

    def credit(
        self, kind: EntryType, grant_kind: GrantKind, amount: int, expires_at: datetime | None
    ) -> None:
        """Write an entry that makes a new grant."""
        self.post(kind, [self._into_new_grant(grant_kind, amount, expires_at)])

    def restore(
        self, kind: EntryType, taken: Iterable[Movement], grace: timedelta, holds: HoldsAfter = None
    ) -> None:
        """Write an entry that puts credits back into the grants that they came from.

        What came from a grant that has expired meanwhile becomes a new grant that lives as long
        as `grace`.
        """
        movements = []
        homeless = 0
        for part in taken:
            if part.expires_at is not None and part.expires_at <= self.now:
                homeless += abs(part.amount)
            else:
                movements.append(part.with_amount(abs(part.amount)))
        if homeless:
            movements.append(self._into_new_grant(GrantKind.REFUND, homeless, self.now + grace))
        self.post(kind, movements, holds=holds)

    def post(
        self,
        kind: EntryType,
        movements: Sequence[Movement],
        *,
        holds: HoldsAfter = None,
        debt: int | None = None,
    ) -> None:
        """Write an entry that moves credits in and out of grants."""
        amount = sum(movement.amount for movement in movements)
        self._append(
            kind, amount, movements, _moved(self.account.grants, movements), holds=holds, debt=debt
        )

    def note(self, kind: EntryType, movements: Sequence[Movement], holds: HoldsAfter) -> None:
        """Write an entry that leaves grants and balance alone, such as a capture."""
        self._append(kind, 0, movements, self.account.grants, holds=holds, debt=None)

    def _append(
        self,
        kind: EntryType,
        amount: int,
        movements: Sequence[Movement],
        grants: tuple[Grant, ...],
        *,
        holds: HoldsAfter,
        debt: int | None,
    ) -> None:
        before = self.account
        holds_after = before.holds if holds is None else holds
        after = Account(
            user_id=before.user_id,
            entry_no=before.entry_no + 1,
            balance=before.balance + amount,
            held=sum(hold.amount for hold in holds_after),
            debt=before.debt if debt is None else debt,
            grants=grants,
            holds=holds_after,
        )
        entry = seal(
            Entry(kind, amount, tuple(movements), self._cause, self.now, before.hash, after)
        )
        self.entries.append(entry)
        self.account = entry.after

    def _into_new_grant(
        self, kind: GrantKind, amount: int, expires_at: datetime | None
    ) -> Movement:
        expiry = None if expires_at is None else expires_at.replace(microsecond=0)
        return Movement(self.account.entry_no + 1, kind, expiry, amount)


HoldsAfter = tuple[Hold, ...] | None


def _moved(grants: tuple[Grant, ...], movements: Sequence[Movement]) -> tuple[Grant, ...]:
    remaining = {grant.entry_no: grant for grant in grants}
    for movement in movements:
        before = remaining.get(movement.grant_no)
        held = before.remaining if before else 0
        remaining[movement.grant_no] = Grant(
            movement.grant_no, movement.kind, held + movement.amount, movement.expires_at
        )
    return tuple(remaining[number] for number in sorted(remaining) if remaining[number].remaining)
