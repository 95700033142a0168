"""Omise's smaller JSON objects, API version 2019-05-29: all but charges and sources."""

from collections.abc import Iterable

from local.omise_sandbox.clock import to_timestamp
from local.omise_sandbox.listing import list_document
from local.omise_sandbox.records import Card, Delivery, Dispute, Event, Refund, Token
from local.omise_sandbox.store import Window

Document = dict[str, object]


def card_document(card: Card) -> Document:
    """Return a card object."""
    return {
        "object": "card",
        "id": card.id,
        "livemode": False,
        "location": None,
        "deleted": False,
        "street1": None,
        "street2": None,
        "city": card.city,
        "state": None,
        "phone_number": None,
        "postal_code": card.postal_code,
        "country": "th",
        "financing": "credit",
        "bank": "OMISE SANDBOX BANK",
        "brand": card.brand,
        "fingerprint": f"{card.brand}:{card.last_digits}",
        "first_digits": None,
        "last_digits": card.last_digits,
        "name": card.name,
        "expiration_month": card.expiration_month,
        "expiration_year": card.expiration_year,
        "security_code_check": card.failure_code != "invalid_security_code",
        "tokenization_method": None,
        "created_at": to_timestamp(card.created_at),
    }


def token_document(token: Token) -> Document:
    """Return a token object."""
    return {
        "object": "token",
        "id": token.id,
        "livemode": False,
        "location": f"/tokens/{token.id}",
        "used": token.used,
        "charge_status": "unknown",
        "card": card_document(token.card),
        "created_at": to_timestamp(token.created_at),
    }


def refund_document(refund: Refund) -> Document:
    """Return a refund object."""
    return {
        "object": "refund",
        "id": refund.id,
        "livemode": False,
        "location": f"/charges/{refund.charge_id}/refunds/{refund.id}",
        "amount": refund.amount,
        "currency": refund.currency,
        "funding_amount": refund.amount,
        "funding_currency": refund.currency,
        "voided": False,
        "status": "closed",
        "metadata": refund.metadata,
        "charge": refund.charge_id,
        "terminal": None,
        "transaction": f"trxn_test_{unique_part(refund.id)}",
        "created_at": to_timestamp(refund.created_at),
    }


def dispute_document(dispute: Dispute) -> Document:
    """Return a dispute object."""
    location = f"/disputes/{dispute.id}"
    documents = list_document([], 0, Window(until=dispute.created_at), f"{location}/documents")
    return {
        "object": "dispute",
        "id": dispute.id,
        "livemode": False,
        "location": location,
        "currency": dispute.currency,
        "amount": dispute.amount,
        "funding_amount": dispute.amount,
        "funding_currency": dispute.currency,
        "metadata": dispute.metadata,
        "charge": dispute.charge_id,
        "documents": documents,
        "transactions": [],
        "admin_message": None,
        "message": dispute.message,
        "reason_code": "goods_or_services_not_provided",
        "reason_message": "Services not provided or Merchandise not received",
        "status": dispute.status,
        "closed_at": to_timestamp(dispute.closed_at),
        "created_at": to_timestamp(dispute.created_at),
    }


def event_document(event: Event, deliveries: Iterable[Delivery] = ()) -> Document:
    """Return an event object; the one that a webhook carries lists no deliveries."""
    return {
        "object": "event",
        "id": event.id,
        "livemode": False,
        "location": f"/events/{event.id}",
        "webhook_deliveries": [delivery_document(delivery) for delivery in deliveries],
        "data": event.data,
        "key": event.key,
        "created_at": to_timestamp(event.created_at),
    }


def delivery_document(delivery: Delivery) -> Document:
    """Return a webhook delivery as an event lists it."""
    return {
        "object": "webhook_delivery",
        "id": delivery.id,
        "uri": delivery.endpoint,
        "status": delivery.status,
        "key": delivery.event_key,
        "error": delivery.error,
    }


def unique_part(identifier: str) -> str:
    """Return an identifier without its prefix and mode."""
    return identifier.rsplit("_", 1)[-1]
