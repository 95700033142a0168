"""Packages, purchases, the account and its ledger."""

from __future__ import annotations

from typing import Final

from billing.documents import (
    AccountDocument,
    EntryListDocument,
    PackagesDocument,
    PurchaseDocument,
    PurchaseListDocument,
    ReceivedDocument,
)
from billing.domain.entry import EntryType
from billing.purchase.request import PurchaseBody
from contract.events import OmiseEvent
from contract.operation import Answer, Body, Operation
from contract.parameters import CURSOR, IDEMPOTENCY_KEY, LIMIT, PREFER, filter_by, resource_id

_TIME: Final = "2026-03-01T09:30:00.000Z"
_PURCHASE_ID: Final = "pur_4fB0mXo2aLq8sWc1ZtY7uRk9Ev"
_PURCHASE: Final = {
    "id": _PURCHASE_ID,
    "status": "pending",
    "package_id": "starter",
    "credits": 100,
    "bonus_credits": 0,
    "amount": 9900,
    "currency": "THB",
    "payment_method": {"type": "promptpay"},
    "payment": {
        "charge_id": "chrg_test_5xuy4w91xqz7d1w9u0t",
        "qr_code_uri": "https://api.omise.co/charges/chrg_test_5xuy4w91xqz7d1w9u0t/documents/qr",
        "authorize_uri": None,
        "expires_at": "2026-03-02T09:30:00.000Z",
    },
    "failure": None,
    "history": [{"at": _TIME, "status": "pending", "source": "api"}],
    "refunded_amount": 0,
    "created_at": _TIME,
    "updated_at": "2026-03-01T09:30:01.250Z",
    "completed_at": None,
}
_PACKAGE: Final = {
    "id": "starter",
    "name": "Starter",
    "credits": 100,
    "bonus_credits": 0,
    "amount": 9900,
    "currency": "THB",
    "expires_after_days": 365,
}
_GRANT_ID: Final = "grt_4fB0mXo2aLq8sWc1ZtY7uRk9Ev"
_ACCOUNT: Final = {
    "balance": 100,
    "held": 0,
    "debt": 0,
    "grants": [
        {
            "id": _GRANT_ID,
            "kind": "paid",
            "remaining": 100,
            "granted": 100,
            "expires_at": "2027-03-01T09:31:10.000Z",
            "source": _PURCHASE_ID,
        }
    ],
    "as_of_entry": 1,
}
_ENTRY: Final = {
    "id": "led_4fB0mXo2aLq8sWc1ZtY7uRk9Ev",
    "entry_no": 1,
    "type": "purchase",
    "amount": 100,
    "balance_after": 100,
    "held_after": 0,
    "grants": [{"grant_id": _GRANT_ID, "amount": 100}],
    "reference": {"kind": "purchase", "id": _PURCHASE_ID},
    "created_at": "2026-03-01T09:31:10.000Z",
}
_EVENT: Final = {
    "object": "event",
    "id": "evnt_test_5xuy4w91xqz7d1w9u0t",
    "livemode": False,
    "key": "charge.complete",
    "data": {"object": "charge", "id": "chrg_test_5xuy4w91xqz7d1w9u0t"},
    "created_at": "2026-03-01T09:31:09Z",
}
_PURCHASE_HEADERS: Final = ("Location", "Idempotent-Replayed")

OPERATIONS: Final = (
    Operation(
        "GET /v1/packages",
        "listPackages",
        "List what can be bought",
        (Answer(200, "The packages.", PackagesDocument, {"data": [_PACKAGE]}),),
    ),
    Operation(
        "POST /v1/purchases",
        "createPurchase",
        "Buy a package",
        (
            Answer(
                201,
                "The purchase. A declined card, a used token or a provider that stays unavailable "
                "shows in `status` and `failure`, not in an HTTP error.",
                PurchaseDocument,
                _PURCHASE,
                _PURCHASE_HEADERS,
                links=("getPurchase",),
            ),
            Answer(
                202,
                "The purchase; Omise has not made the charge yet. Read it again.",
                PurchaseDocument,
                {**_PURCHASE, "payment": None, "updated_at": _TIME},
                _PURCHASE_HEADERS,
                links=("getPurchase",),
            ),
        ),
        "Nothing is credited before Omise itself has confirmed the payment. Cards are tokenised in "
        "the browser by Omise.js; card data sent here is refused.",
        body=Body(
            PurchaseBody,
            {
                "promptpay": {"package_id": "starter", "payment_method": {"type": "promptpay"}},
                "card": {
                    "package_id": "starter",
                    "payment_method": {
                        "type": "card",
                        "token": "tokn_test_5xuy4w91xqz7d1w9u0t",
                        "return_uri": "https://example.com/paid",
                    },
                },
            },
        ),
        parameters=(IDEMPOTENCY_KEY, PREFER),
        problems=(
            "idempotency_key_invalid",
            "idempotency_key_missing",
            "idempotency_key_reused",
            "package_not_found",
        ),
    ),
    Operation(
        "GET /v1/purchases",
        "listPurchases",
        "List your purchases",
        (
            Answer(
                200,
                "A page of purchases, newest first.",
                PurchaseListDocument,
                {"data": [_PURCHASE], "next_cursor": None},
            ),
        ),
        parameters=(LIMIT, CURSOR),
        problems=("invalid_cursor",),
    ),
    Operation(
        "GET /v1/purchases/{id}",
        "getPurchase",
        "Show one of your purchases",
        (Answer(200, "The purchase.", PurchaseDocument, _PURCHASE),),
        parameters=(resource_id("purchase", "pur"),),
        problems=("purchase_not_found",),
    ),
    Operation(
        "GET /v1/account",
        "getAccount",
        "Show your credits",
        (Answer(200, "The account.", AccountDocument, _ACCOUNT),),
    ),
    Operation(
        "GET /v1/account/ledger",
        "listLedgerEntries",
        "List every change of your credits",
        (
            Answer(
                200,
                "A page of entries, newest first. Under a filter it may hold fewer than `limit`, "
                "or none, and still name a next one.",
                EntryListDocument,
                {"data": [_ENTRY], "next_cursor": None},
            ),
        ),
        parameters=(
            filter_by("type", "Only entries of this type.", {"enum": [str(t) for t in EntryType]}),
            filter_by(
                "from", "Only entries since then.", {"type": "string", "format": "date-time"}
            ),
            filter_by("to", "Only entries before then.", {"type": "string", "format": "date-time"}),
            LIMIT,
            CURSOR,
        ),
        problems=("invalid_cursor",),
    ),
    Operation(
        "POST /v1/webhooks/omise",
        "receiveOmiseEvent",
        "Hear from Omise",
        (Answer(200, "Nothing more to do about it.", ReceivedDocument, {"received": True}),),
        "Called by Omise, not by clients. Signed (`Omise-Signature`, `Omise-Signature-Timestamp`); "
        "of the body nothing counts but the charge's id, and the charge is read from Omise. Bodies "
        "up to 256 KiB.",
        body=Body(OmiseEvent, {"paid": _EVENT}),
        problems=("webhook_rejected",),
    ),
)
