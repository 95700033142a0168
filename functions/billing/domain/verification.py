"""Verifies a ledger from its first entry: numbers, hash chain, sums, and every grant.

It derives everything a second time from the movements alone and trusts nothing that an entry says
about itself, so that a defect of the rules and a changed byte are found alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from billing.domain.account import GENESIS_HASH, Account, Grant, Movement
from billing.domain.entry import Entry, EntryType, entry_hash

_BOUGHT: Final = frozenset({EntryType.PURCHASE, EntryType.BONUS})
_GIVING: Final = _BOUGHT | {EntryType.PROMO, EntryType.SPEND_REFUND, EntryType.RELEASE}
# An adjustment moves either way. A clawback takes back what was bought, expired by now or not.
_MOVING_EITHER_WAY: Final = frozenset({EntryType.ADJUSTMENT})
_MOVING_WHAT_IS_OVER: Final = _BOUGHT | {EntryType.PROMO, EntryType.CAPTURE, EntryType.CLAWBACK}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and with which entry."""

    user_id: str
    entry_no: int
    problem: str


@dataclass
class Verifier:
    """Walks one ledger, entry by entry, oldest first.

    Parameters
    ----------
    user_id
        Whose ledger.
    """

    user_id: str
    findings: list[Finding] = field(default_factory=list)
    _entry_no: int = 0
    _hash: str = GENESIS_HASH
    _grants: dict[int, int] = field(default_factory=dict)
    _held: dict[int, int] = field(default_factory=dict)
    _debt: int = 0
    _left_to_undo: dict[str, int] = field(default_factory=dict)
    _left_to_give_back: dict[str, int] = field(default_factory=dict)
    _credited: set[tuple[EntryType, str]] = field(default_factory=set)

    def check(self, entry: Entry) -> None:
        """Check the next entry against everything before it."""
        self._check_chain(entry)
        self._check_movements(entry)
        self._check_cause(entry)
        self._apply(entry)
        self._check_sums(entry)

    def _check_chain(self, entry: Entry) -> None:
        self._expect(entry, entry.after.user_id == self.user_id, "belongs to another account")
        self._expect(entry, entry.entry_no == self._entry_no + 1, "is not the next number")
        self._expect(entry, entry.prev_hash == self._hash, "does not follow the entry before")
        self._expect(entry, entry.after.hash == entry_hash(entry), "does not match its own hash")
        self._entry_no = entry.entry_no
        self._hash = entry.after.hash

    def _check_movements(self, entry: Entry) -> None:
        """Judge each movement by what its entry's type may do, and when."""
        gives = entry.type in _GIVING
        for movement in entry.movements:
            goes_right = entry.type in _MOVING_EITHER_WAY or (movement.amount > 0) is gives
            self._expect(entry, goes_right, "moves credits the wrong way")
            self._expect(entry, _is_in_time(entry, movement), "moves credits at the wrong time")

    def _check_cause(self, entry: Entry) -> None:
        """Judge what may happen once: a purchase is credited, and a run given back."""
        if entry.type in _BOUGHT:
            credited = (entry.type, entry.cause.id)
            self._expect(entry, credited not in self._credited, "credits a purchase again")
            self._credited.add(credited)
        if entry.type in {EntryType.SPEND, EntryType.SPEND_REFUND}:
            left = self._left_to_give_back.get(entry.cause.id, 0) - entry.amount
            self._expect(entry, left >= 0, "gives back more than was taken")
            self._left_to_give_back[entry.cause.id] = left

    def _apply(self, entry: Entry) -> None:
        for movement in entry.movements:
            number, amount = movement.grant_no, movement.amount
            if entry.type is EntryType.CAPTURE:
                self._add(self._held, number, amount)
            else:
                self._add(self._grants, number, amount)
            if entry.type is EntryType.RESERVE:
                self._add(self._held, number, -amount)
        if entry.type is EntryType.RELEASE:
            self._release(entry)
        if entry.type is EntryType.DEBT_REPAID:
            self._debt += entry.amount
        if entry.type in _BOUGHT:
            bought = self._left_to_undo.get(entry.cause.id, 0)
            self._left_to_undo[entry.cause.id] = bought + entry.amount

    def _release(self, entry: Entry) -> None:
        """Take released credits out of what is held: whatever the holds after no longer show."""
        still_held = _held_by_grant(entry.after)
        released = sum(self._held.values()) - sum(still_held.values())
        self._expect(entry, released == entry.amount, "releases more or less than was held")
        self._held = still_held

    def _claw_back(self, entry: Entry) -> None:
        """Judge a new debt, which no movement shows, by what must be true of any clawback.

        Only what could not be taken is owed, so nothing can be left to take; and of a purchase
        no more can be undone than it brought.
        """
        owed = entry.after.debt - self._debt
        left = entry.after.available(entry.created_at)
        undone = owed - entry.amount
        left_to_undo = self._left_to_undo.get(entry.cause.id, 0) - undone
        self._expect(entry, owed >= 0, "states a wrong debt")
        self._expect(entry, owed <= 0 or left == 0, "owes what it could have taken")
        self._expect(entry, left_to_undo >= 0, "takes back more than was bought")
        self._left_to_undo[entry.cause.id] = left_to_undo
        self._debt = entry.after.debt

    def _check_sums(self, entry: Entry) -> None:
        after = entry.after
        amount = 0 if entry.type is EntryType.CAPTURE else _moved(entry)
        if entry.type is EntryType.CLAWBACK:
            self._claw_back(entry)
        stated = {grant.entry_no: grant.remaining for grant in after.grants}
        self._expect(entry, entry.amount == amount, "moves other than its amount")
        self._expect(entry, after.balance == sum(self._grants.values()), "states a wrong balance")
        self._expect(entry, stated == self._grants, "states wrong grants")
        self._expect(entry, after.held == sum(self._held.values()), "states a wrong held amount")
        self._expect(entry, after.debt == self._debt, "states a wrong debt")
        self._expect(entry, min(self._grants.values(), default=0) >= 0, "overdraws a grant")
        self._expect(entry, _kinds_agree(entry), "changes a grant's kind or expiry")

    def _add(self, amounts: dict[int, int], number: int, amount: int) -> None:
        """Add up, and keep no grant that is used up: a ledger may have had thousands."""
        after = amounts.pop(number, 0) + amount
        if after:
            amounts[number] = after

    def _expect(self, entry: Entry, holds: bool, problem: str) -> None:  # noqa: FBT001  # a verdict
        if not holds:
            self.findings.append(Finding(self.user_id, entry.entry_no, problem))


def findings_of(user_id: str, entries: Iterable[Entry]) -> list[Finding]:
    """Verify a whole ledger.

    Parameters
    ----------
    user_id
        Whose ledger it is said to be.
    entries
        Every entry, oldest first.

    Returns
    -------
    list[Finding]
        What is wrong; empty where all is right.
    """
    verifier = Verifier(user_id)
    for entry in entries:
        verifier.check(entry)
    return verifier.findings


def _moved(entry: Entry) -> int:
    return sum(movement.amount for movement in entry.movements)


def _held_by_grant(account: Account) -> dict[int, int]:
    held: dict[int, int] = {}
    for hold in account.holds:
        for part in hold.parts:
            held[part.grant_no] = held.get(part.grant_no, 0) + part.amount
    return held


def _is_in_time(entry: Entry, movement: Movement) -> bool:
    """Tell whether credits expire when they are over, and else move only before."""
    over = movement.expires_at is not None and movement.expires_at <= entry.created_at
    if entry.type is EntryType.EXPIRE:
        return over
    return not over or entry.type in _MOVING_WHAT_IS_OVER


def _kinds_agree(entry: Entry) -> bool:
    grants: dict[int, Grant] = {grant.entry_no: grant for grant in entry.after.grants}
    return all(
        (grants[m.grant_no].kind, grants[m.grant_no].expires_at) == (m.kind, m.expires_at)
        for m in entry.movements
        if m.grant_no in grants
    )
