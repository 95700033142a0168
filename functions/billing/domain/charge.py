"""A charge: what Omise is asked to collect, and what Omise says became of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

# The form of an id is the guard of every path that is built with it.
# https://docs.omise.co/charges-api: "matching /chrg(_test)?_[0-9a-z]+/".
_CHARGE_ID: Final = re.compile(r"chrg(_test)?_[0-9a-z]{1,64}")
TOKEN: Final = re.compile(r"tokn(_test)?_[0-9a-z]{1,64}")
_DISPUTE_ID: Final = re.compile(r"dspt(_test)?_[0-9a-z]{1,64}")

# How long after we hung up a call may still take effect at Omise. Only what is not there by then
# certainly never comes, so only then may it be asked for again.
LATEST_EFFECT: Final = timedelta(minutes=10)


class ChargeStatus(StrEnum):
    """The states of a charge at Omise."""

    PENDING = "pending"
    SUCCESSFUL = "successful"
    FAILED = "failed"
    EXPIRED = "expired"
    REVERSED = "reversed"


class DisputeStatus(StrEnum):
    """The states of a dispute at Omise; `pending` waits for the bank, as `open` does for us."""

    OPEN = "open"
    PENDING = "pending"
    WON = "won"
    LOST = "lost"

    @property
    def is_closed(self) -> bool:
        """Tell whether it is decided."""
        return self in {DisputeStatus.WON, DisputeStatus.LOST}


@dataclass(frozen=True, slots=True)
class Dispute:
    """A payer's objection to a charge, at their bank."""

    id: str
    status: DisputeStatus


@dataclass(frozen=True, slots=True)
class Card:
    """A card as this system may know it: Omise's single-use token, and where 3-D Secure ends."""

    token: str
    return_uri: str


@dataclass(frozen=True, slots=True)
class ChargeOrder:
    """What Omise is asked to collect.

    `amount` is in satang. Without a `card` the charge is a PromptPay QR code that can be paid
    until `expires_at`. `metadata` is how the charge is found again when the answer got lost.
    """

    amount: int
    currency: str
    description: str
    metadata: Mapping[str, str | int]
    card: Card | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge as fetched from Omise; amounts are in satang.

    `refund_requests` are the operators' request ids that its refunds name in their metadata.
    """

    id: str
    status: ChargeStatus
    paid: bool
    amount: int
    currency: str
    livemode: bool
    created_at: datetime
    metadata: Mapping[str, object]
    refunded_amount: int = 0
    refund_requests: frozenset[str] = frozenset()
    dispute: Dispute | None = None
    paid_at: datetime | None = None
    failure_code: str | None = None
    failure_message: str | None = None
    expires_at: datetime | None = None
    qr_code_uri: str | None = None
    authorize_uri: str | None = None

    @property
    def is_paid(self) -> bool:
        """Tell whether there is money: `successful` and `paid`, either alone is not enough."""
        return self.status is ChargeStatus.SUCCESSFUL and self.paid

    @property
    def is_returned(self) -> bool:
        """Tell whether all of the money went back to the payer, by refunds or by their bank."""
        return self.refunded_amount >= self.amount or self.is_lost

    @property
    def is_lost(self) -> bool:
        """Tell whether a dispute decided that the payer gets the money."""
        return self.dispute is not None and self.dispute.status is DisputeStatus.LOST

    @property
    def purchase_id(self) -> str | None:
        """The purchase that the charge says it is for; None on a charge that is not of ours."""
        value = self.metadata.get("purchase_id")
        return value if isinstance(value, str) else None


def is_charge_id(value: object) -> bool:
    """Tell whether a value has the form of a charge's id."""
    return isinstance(value, str) and _CHARGE_ID.fullmatch(value) is not None


def is_dispute_id(value: object) -> bool:
    """Tell whether a value has the form of a dispute's id."""
    return isinstance(value, str) and _DISPUTE_ID.fullmatch(value) is not None


def is_token(value: str) -> bool:
    """Tell whether a value has the form of a card token's id."""
    return TOKEN.fullmatch(value) is not None
