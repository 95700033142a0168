"""What a purchase is made of: its states, its history, its payment and its failure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from billing.domain.charge import ChargeStatus


class PurchaseStatus(StrEnum):
    """The states of a purchase."""

    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"
    EXPIRED = "expired"
    DISPUTED = "disputed"
    REFUNDED = "refunded"


class PaymentMethod(StrEnum):
    """How a purchase is paid."""

    PROMPTPAY = "promptpay"
    CARD = "card"


class Source(StrEnum):
    """Who found out about a change of a purchase's status."""

    API = "api"
    SAGA = "saga"
    WEBHOOK = "webhook"
    RECONCILER = "reconciler"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class StatusChange:
    """One line of a purchase's history."""

    at: datetime
    status: PurchaseStatus
    source: Source


@dataclass(frozen=True, slots=True)
class Payment:
    """What the payer needs, and until when it can be paid."""

    charge_id: str
    charge_status: ChargeStatus
    qr_code_uri: str | None
    authorize_uri: str | None
    expires_at: datetime | None


class RefundState(StrEnum):
    """What became of a refund that an operator asked for."""

    RESERVED = "reserved"
    REFUNDED = "refunded"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund that an operator asked for, and the credits that are set aside for it.

    `amount` is in satang. `credits` are held under the request's id until the refund is certain;
    with a forced refund they may be fewer than it takes. `attempts` counts how often Omise was
    asked, `attempted_at` is set while the answer to the last time is unknown.
    """

    request_id: str
    amount: int
    credits: int
    operator: str
    reason: str
    requested_at: datetime
    state: RefundState = RefundState.RESERVED
    attempts: int = 0
    attempted_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether nothing final is known yet."""
        return self.state is RefundState.RESERVED


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no money: Omise's code and message, or one of ours."""

    code: str
    message: str
