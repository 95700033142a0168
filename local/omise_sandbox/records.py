"""Tokens, sources, refunds, disputes, events and deliveries, as the sandbox keeps them.

Times are epoch seconds, amounts are satang. `local.omise_sandbox.documents` turns the records into
Omise's JSON objects. Charges have a life of their own: `local.omise_sandbox.charge`.
"""

from dataclasses import dataclass, field
from typing import Literal

from local.omise_sandbox.cards import Challenge

DisputeStatus = Literal["open", "pending", "won", "lost"]
DeliveryOutcome = Literal["delivered", "refused", "unreachable", "dropped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A tokenised card, without its number."""

    id: str
    created_at: int
    brand: str
    last_digits: str
    name: str
    expiration_month: int
    expiration_year: int
    city: str | None
    postal_code: str | None
    failure_code: str | None
    challenge: Challenge


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """The right to charge a card once."""

    id: str
    created_at: int
    card: Card
    used: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A way to pay other than a card: PromptPay, with its QR code once it is charged."""

    id: str
    created_at: int
    amount: int
    currency: str
    type: str
    email: str | None = None
    name: str | None = None
    phone_number: str | None = None
    charge_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money given back, from a charge to its card."""

    id: str
    created_at: int
    charge_id: str
    amount: int
    currency: str
    metadata: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """A cardholder's objection to a charge."""

    id: str
    created_at: int
    charge_id: str
    amount: int
    currency: str
    status: DisputeStatus = "open"
    message: str | None = None
    metadata: dict[str, object] = field(default_factory=dict)
    closed_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to an object, with the object as it was then.

    Attributes
    ----------
    charge_id
        The charge that it is about, be it through a refund or a dispute.
    endpoints
        Where it is sent: the charge's own webhook endpoints, or the account's.
    """

    id: str
    created_at: int
    key: str
    data: dict[str, object]
    charge_id: str
    endpoints: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One attempt to send an event to one endpoint.

    Attributes
    ----------
    fault
        The webhook fault that was applied, or none.
    status
        The HTTP status that the endpoint answered with, if it did.
    response_body
        The beginning of its answer.
    error
        Why there was no answer.
    """

    id: str
    created_at: int
    event_id: str
    event_key: str
    charge_id: str
    endpoint: str
    outcome: DeliveryOutcome
    fault: str | None = None
    status: int | None = None
    response_body: str | None = None
    error: str | None = None
