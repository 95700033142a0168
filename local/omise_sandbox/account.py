"""The operations on the account itself: tokens, sources, events, capability."""

from typing import Final

from local.omise_sandbox.call import Answer, Call
from local.omise_sandbox.charge_request import LARGEST_AMOUNT, SMALLEST_AMOUNT
from local.omise_sandbox.documents import event_document, token_document
from local.omise_sandbox.listing import list_document
from local.omise_sandbox.records import Event
from local.omise_sandbox.store import Window

_LISTED_DELIVERIES: Final = 20
_CARD_BRANDS: Final = ("JCB", "Visa", "MasterCard", "American Express", "UnionPay")


def create_token(call: Call) -> Answer:
    """Tokenise a card."""
    return token_document(call.sandbox.vault.create(call.parameters))


def retrieve_token(call: Call) -> Answer:
    """Retrieve a token."""
    return token_document(call.sandbox.archive.tokens.get(call.ids["token"]))


def create_source(call: Call) -> Answer:
    """Create a payment source."""
    return call.sandbox.documents.source(call.sandbox.sources.create(call.parameters))


def retrieve_source(call: Call) -> Answer:
    """Retrieve a payment source, with its QR code once it is charged."""
    source = call.sandbox.archive.sources.get(call.ids["source"])
    charge = call.sandbox.charges.retrieve(source.charge_id) if source.charge_id else None
    return call.sandbox.documents.source(source, charge)


def list_events(call: Call) -> Answer:
    """List events."""
    window = call.window()
    events, total = call.sandbox.archive.events.select(window)
    documents = [_with_deliveries(call, event) for event in events]
    return list_document(documents, total, window, call.path)


def retrieve_event(call: Call) -> Answer:
    """Retrieve an event."""
    return _with_deliveries(call, call.sandbox.archive.events.get(call.ids["event"]))


def account(call: Call) -> Answer:
    """Retrieve the account."""
    return {
        "object": "account",
        "id": "account_test_sandbox",
        "livemode": False,
        "location": "/account",
        "team": "acct_sandbox",
        "currency": "THB",
        "supported_currencies": ["THB"],
        "email": "merchant@example.com",
        "country": "TH",
        "api_version": "2019-05-29",
        "webhook_uri": call.sandbox.events.webhook_url or None,
        "chain_enabled": False,
        "zero_interest_installments": False,
    }


def capability(_: Call) -> Answer:
    """Retrieve what the account can do, and the limits of an amount."""
    return {
        "object": "capability",
        "location": "/capability",
        "banks": ["test"],
        "country": "TH",
        "limits": {
            "charge_amount": {"max": LARGEST_AMOUNT, "min": SMALLEST_AMOUNT},
            "transfer_amount": {"max": 5_000_000_000, "min": 3_000},
            "installment_amount": {"min": 200_000},
        },
        "payment_methods": [_method("card", list(_CARD_BRANDS)), _method("promptpay", None)],
        "tokenization_methods": [],
        "zero_interest_installments": False,
    }


def _method(name: str, card_brands: list[str] | None) -> Answer:
    return {
        "object": "payment_method",
        "name": name,
        "currencies": ["THB"],
        "card_brands": card_brands,
        "installment_terms": None,
        "banks": [],
        "provider": None,
    }


def _with_deliveries(call: Call, event: Event) -> Answer:
    deliveries, _ = call.sandbox.archive.deliveries.select(
        Window(limit=_LISTED_DELIVERIES), event_id=event.id
    )
    return event_document(event, deliveries)
