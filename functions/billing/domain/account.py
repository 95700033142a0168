"""An account: what its last ledger entry says it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from kernel.ids import derived_id

GENESIS_HASH: Final = "0" * 64
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


class LedgerInvariantError(Exception):
    """A state that no ledger may be in; a defect or tampering, never a user's doing."""


class GrantKind(StrEnum):
    """Where a grant's credits come from."""

    PAID = "paid"
    BONUS = "bonus"
    PROMO = "promo"
    REFUND = "refund"

    @property
    def is_gift(self) -> bool:
        """Tell whether nobody paid for the credits; gifts are spent first."""
        return self in {GrantKind.BONUS, GrantKind.PROMO}


@dataclass(frozen=True, slots=True)
class Grant:
    """Credits that came in together and expire together.

    A grant's identity within its account is the number of the ledger entry that made it.
    """

    entry_no: int
    kind: GrantKind
    remaining: int
    expires_at: datetime | None

    def is_expired(self, now: datetime) -> bool:
        """Tell whether the credits can no longer be spent."""
        return self.expires_at is not None and self.expires_at <= now

    @property
    def spending_rank(self) -> tuple[bool, datetime, int]:
        """Order of spending: gifts before paid, then earliest expiry, then oldest."""
        return (not self.kind.is_gift, self.expires_at or _NEVER, self.entry_no)


@dataclass(frozen=True, slots=True)
class Movement:
    """Credits that one entry puts into (positive) or takes out of (negative) one grant.

    It repeats the grant's kind and expiry, so that credits can be given back to a grant that has
    been used up since.
    """

    grant_no: int
    kind: GrantKind
    expires_at: datetime | None
    amount: int

    def with_amount(self, amount: int) -> Movement:
        """Return another amount of the same grant."""
        return Movement(self.grant_no, self.kind, self.expires_at, amount)


@dataclass(frozen=True, slots=True)
class Hold:
    """Credits set aside under a reference; `parts` says from which grants, as positive amounts."""

    id: str
    parts: tuple[Movement, ...]

    @property
    def amount(self) -> int:
        """The number of credits set aside."""
        return sum(part.amount for part in self.parts)


@dataclass(frozen=True, slots=True)
class Account:
    """The state of one user's credits after one ledger entry.

    `balance` can be spent, `held` is set aside, `debt` is owed from a clawback that found too
    little. None of them is ever negative.
    """

    user_id: str
    entry_no: int = 0
    balance: int = 0
    held: int = 0
    debt: int = 0
    grants: tuple[Grant, ...] = ()
    holds: tuple[Hold, ...] = ()
    hash: str = GENESIS_HASH

    def __post_init__(self) -> None:
        """Check what must be true of any account.

        Raises
        ------
        LedgerInvariantError
            If the parts don't add up or anything is negative.
        """
        if self.balance != sum(grant.remaining for grant in self.grants):
            raise LedgerInvariantError(f"balance {self.balance} is not the sum of the grants")
        if self.held != sum(hold.amount for hold in self.holds):
            raise LedgerInvariantError(f"held {self.held} is not the sum of the holds")
        if min(self.balance, self.held, self.debt, self.entry_no) < 0:
            raise LedgerInvariantError("negative balance, held, debt or entry number")
        if any(grant.remaining <= 0 for grant in self.grants):
            raise LedgerInvariantError("a grant without credits is still open")

    def expired(self, now: datetime) -> tuple[Grant, ...]:
        """Return the open grants whose time is over."""
        return tuple(grant for grant in self.grants if grant.is_expired(now))

    def spendable(self, now: datetime) -> tuple[Grant, ...]:
        """Return the open grants that can be spent, in the order of spending."""
        live = (grant for grant in self.grants if not grant.is_expired(now))
        return tuple(sorted(live, key=lambda grant: grant.spending_rank))

    def available(self, now: datetime) -> int:
        """Return how many credits can be spent now."""
        return sum(grant.remaining for grant in self.spendable(now))


def grant_id(user_id: str, entry_no: int) -> str:
    """Return a grant's public id, which belongs to its account and entry number."""
    return derived_id("grt", user_id, str(entry_no))
