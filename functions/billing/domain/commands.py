"""What can be asked of an account. Each command is plain data, checked when it is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from billing.domain.amounts import checked_credits
from billing.domain.entry import Cause, Entry, EntryType


@dataclass(frozen=True, slots=True)
class CreditPurchase:
    """Credit a paid purchase: the paid credits, its bonus, and then repay any debt."""

    credits: int
    bonus_credits: int
    expires_at: datetime | None
    cause: Cause

    def __post_init__(self) -> None:
        """Refuse what is no number of credits."""
        checked_credits(self.credits)
        if self.bonus_credits != 0 or type(self.bonus_credits) is not int:
            checked_credits(self.bonus_credits)


@dataclass(frozen=True, slots=True)
class GrantPromo:
    """Give credits away."""

    credits: int
    expires_at: datetime | None
    cause: Cause

    def __post_init__(self) -> None:
        """Refuse what is no number of credits."""
        checked_credits(self.credits)


@dataclass(frozen=True, slots=True)
class Spend:
    """Take credits for a run, all or nothing."""

    credits: int
    cause: Cause

    def __post_init__(self) -> None:
        """Refuse what is no number of credits."""
        checked_credits(self.credits)


@dataclass(frozen=True, slots=True)
class GiveBack:
    """Give back what one `spend` entry took, to the grants that it came from."""

    spend: Entry
    cause: Cause

    def __post_init__(self) -> None:
        """Refuse to give back anything but a spend."""
        if self.spend.type is not EntryType.SPEND:
            raise ValueError(f"a {self.spend.type} entry cannot be given back")


@dataclass(frozen=True, slots=True)
class Expire:
    """Write off the credits whose time is over."""

    cause: Cause


@dataclass(frozen=True, slots=True)
class Reserve:
    """Set credits aside under an id, all or nothing; `grant_nos` are taken from first."""

    hold_id: str
    credits: int
    cause: Cause
    grant_nos: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is no number of credits."""
        checked_credits(self.credits)


@dataclass(frozen=True, slots=True)
class Capture:
    """Use up credits that are set aside; what is not captured goes back."""

    hold_id: str
    credits: int
    cause: Cause

    def __post_init__(self) -> None:
        """Refuse what is no number of credits."""
        checked_credits(self.credits)


@dataclass(frozen=True, slots=True)
class Release:
    """Give back all credits that are set aside under an id."""

    hold_id: str
    cause: Cause


@dataclass(frozen=True, slots=True)
class ClawBack:
    """Take credits back because their payment was undone; what is missing becomes debt.

    `grant_nos` are the purchase's own grants, which are taken from first.
    """

    credits: int
    grant_nos: tuple[int, ...]
    cause: Cause

    def __post_init__(self) -> None:
        """Refuse what is no number of credits."""
        checked_credits(self.credits)


@dataclass(frozen=True, slots=True)
class RepayDebt:
    """Use spendable credits to repay debt, as far as both go."""

    cause: Cause


@dataclass(frozen=True, slots=True)
class Adjust:
    """Correct an account by hand; positive gives, negative takes, and a reason is due."""

    credits: int
    cause: Cause

    def __post_init__(self) -> None:
        """Refuse what is no signed number of credits, or comes without a reason."""
        if type(self.credits) is not int:
            checked_credits(self.credits)
        checked_credits(abs(self.credits))
        if not (self.cause.reason or "").strip():
            raise ValueError("an adjustment needs a reason")


Command = (
    CreditPurchase
    | GrantPromo
    | Spend
    | GiveBack
    | Expire
    | Reserve
    | Capture
    | Release
    | ClawBack
    | RepayDebt
    | Adjust
)
