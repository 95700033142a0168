"""A naive model of credits: one list element per credit, moved one at a time.

It shares no code and no cleverness with the ledger: it is slow and obviously right.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

GRACE = timedelta(days=7)
FAR = datetime.max.replace(tzinfo=UTC)


@dataclass
class Credit:
    """A single credit."""

    birth: int
    is_gift: bool
    expires_at: datetime | None
    purchase: str | None = None


@dataclass
class NaiveAccount:
    """Credits in piles: spendable, held by id, and spent by run."""

    pile: list[Credit] = field(default_factory=list)
    held: dict[str, list[Credit]] = field(default_factory=dict)
    spent: dict[str, list[Credit]] = field(default_factory=dict)
    debt: int = 0
    births: int = 0
    bought: int = 0
    clawed_back: int = 0

    def live(self, now: datetime) -> list[Credit]:
        """Return the credits that can be spent, in the order of spending."""
        alive = [c for c in self.pile if c.expires_at is None or c.expires_at > now]
        return sorted(
            alive,
            key=lambda c: (not c.is_gift, c.expires_at or FAR, c.birth),
        )

    def available(self, now: datetime) -> int:
        """Count what can be spent."""
        return len(self.live(now))

    def add(
        self,
        count: int,
        *,
        is_gift: bool,
        expires_at: datetime | None,
        purchase: str | None = None,
    ) -> None:
        """Bring in credits."""
        self.births += 1
        self.pile += [Credit(self.births, is_gift, expires_at, purchase) for _ in range(count)]

    def drop_expired(self, now: datetime) -> None:
        """Forget what can no longer be spent."""
        self.pile = [c for c in self.pile if c.expires_at is None or c.expires_at > now]

    def take(self, count: int, now: datetime) -> list[Credit] | None:
        """Take credits one by one, or none at all."""
        if self.available(now) < count:
            return None
        self.drop_expired(now)
        taken = []
        for _ in range(count):
            credit = self.live(now)[0]
            self.pile.remove(credit)
            taken.append(credit)
        return taken

    def put_back(self, credits: list[Credit], now: datetime) -> None:
        """Return credits; those that died meanwhile are born again for seven days."""
        self.births += 1
        expiry = now.replace(microsecond=0) + GRACE
        for credit in credits:
            if credit.expires_at is not None and credit.expires_at <= now:
                self.pile.append(Credit(self.births, is_gift=False, expires_at=expiry))
            else:
                self.pile.append(credit)
        self.repay(now)

    def claw_back(self, count: int, purchase: str, now: datetime) -> None:
        """Take a purchase's own credits, then others; what is missing is owed."""
        own = [c for c in self.pile if c.purchase == purchase]
        others = [c for c in self.live(now) if c.purchase != purchase]
        for credit in [*own, *others][:count]:
            self.pile.remove(credit)
        self.debt += max(0, count - len(own) - len(others))
        self.clawed_back += count

    def repay(self, now: datetime) -> None:
        """Let what is there repay what is owed."""
        while self.debt and self.live(now):
            self.pile.remove(self.live(now)[0])
            self.debt -= 1
