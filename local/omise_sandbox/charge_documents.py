"""Omise's JSON objects for charges and sources, API version 2019-05-29.

Fields and their order follow responses recorded by Omise's client libraries. Note that
``captured_amount`` and ``authorized_amount`` are there before anything is paid, as Omise has it:
money is ``status: successful`` together with ``paid: true``, nothing else.
"""

from typing import Final

from local.omise_sandbox.archive import Archive
from local.omise_sandbox.cards import FAILURE_MESSAGES
from local.omise_sandbox.charge import Charge
from local.omise_sandbox.clock import Clock, to_timestamp
from local.omise_sandbox.documents import (
    Document,
    card_document,
    dispute_document,
    refund_document,
    unique_part,
)
from local.omise_sandbox.listing import list_document
from local.omise_sandbox.records import Source
from local.omise_sandbox.store import Window

_EMBEDDED: Final = 20


class ChargeDocuments:
    """Renders charges and sources.

    Parameters
    ----------
    archive
        Where a charge's refunds and dispute are looked up.
    clock
        Tells until when an embedded list reaches.
    public_url
        Where a browser reaches the sandbox, without a slash at the end.
    """

    def __init__(self, archive: Archive, clock: Clock, public_url: str) -> None:
        self._archive = archive
        self._clock = clock
        self._public_url = public_url

    def charge(self, charge: Charge) -> Document:
        """Return a charge object."""
        location = f"/charges/{charge.id}"
        return {
            "object": "charge",
            "id": charge.id,
            "location": location,
            **_amounts(charge),
            "ip": charge.ip,
            "refunds": self._refunds(charge, location),
            "link": None,
            "description": charge.description,
            "metadata": charge.metadata,
            "card": card_document(charge.card) if charge.card else None,
            "source": self.source(charge.source, charge) if charge.source else None,
            "schedule": None,
            "customer": None,
            "dispute": self._dispute(charge),
            "transaction": f"trxn_test_{unique_part(charge.id)}" if charge.paid else None,
            "failure_code": charge.failure_code,
            "failure_message": FAILURE_MESSAGES.get(charge.failure_code or ""),
            "status": charge.status,
            "authorize_uri": self._authorize_uri(charge),
            "return_uri": charge.return_uri,
            "webhook_endpoints": list(charge.webhook_endpoints),
            **_times(charge),
            "zero_interest_installments": False,
            "branch": None,
            "terminal": None,
            "device": None,
            **_flags(charge),
        }

    def source(self, source: Source, charge: Charge | None = None) -> Document:
        """Return a source object, with its QR code if it belongs to a charge."""
        return {
            "object": "source",
            "id": source.id,
            "livemode": False,
            "location": f"/sources/{source.id}",
            "amount": source.amount,
            "barcode": None,
            "bank": None,
            "created_at": to_timestamp(source.created_at),
            "currency": source.currency,
            "email": source.email,
            "flow": "offline",
            "installment_term": None,
            "ip": None,
            "name": source.name,
            "mobile_number": None,
            "phone_number": source.phone_number,
            "scannable_code": self._scannable_code(charge) if charge else None,
            "references": None,
            "store_id": None,
            "store_name": None,
            "terminal_id": None,
            "type": source.type,
            "zero_interest_installments": None,
            "charge_status": charge.status if charge else "unknown",
            "receipt_amount": None,
            "discounts": [],
        }

    def download_uri(self, charge: Charge) -> str:
        """Return the address of a charge's QR code."""
        path = f"/charges/{charge.id}/documents/{charge.document_id}"
        return f"{self._public_url}{path}/downloads/{charge.download_key}"

    def _scannable_code(self, charge: Charge) -> Document:
        return {
            "object": "barcode",
            "type": "qr",
            "image": {
                "object": "document",
                "livemode": False,
                "id": charge.document_id,
                "deleted": False,
                "filename": "qrcode.svg",
                "location": f"/charges/{charge.id}/documents/{charge.document_id}",
                "kind": "qr",
                "download_uri": self.download_uri(charge),
                "created_at": to_timestamp(charge.created_at),
            },
        }

    def _refunds(self, charge: Charge, location: str) -> Document:
        window = Window(until=self._clock.now(), limit=_EMBEDDED)
        refunds, total = self._archive.refunds.select(window, charge_id=charge.id)
        documents = [refund_document(refund) for refund in refunds]
        return list_document(documents, total, window, f"{location}/refunds")

    def _dispute(self, charge: Charge) -> Document | None:
        if charge.dispute_id is None:
            return None
        return dispute_document(self._archive.disputes.get(charge.dispute_id))

    def _authorize_uri(self, charge: Charge) -> str | None:
        if charge.authorize_id is None:
            return None
        return f"{self._public_url}/payments/{charge.authorize_id}/authorize"


def _amounts(charge: Charge) -> Document:
    rate = "3.65" if charge.card is not None else "1.65"
    return {
        "amount": charge.amount,
        "authorization_type": None,
        "authorized_amount": charge.amount,
        "captured_amount": charge.charged_amount if charge.capture else charge.captured or 0,
        "net": charge.charged_amount - charge.fee - charge.fee_vat,
        "fee": charge.fee,
        "fee_vat": charge.fee_vat,
        "interest": 0,
        "interest_vat": 0,
        "funding_amount": charge.charged_amount,
        "refunded_amount": charge.refunded,
        "transaction_fees": {"fee_flat": "0.0", "fee_rate": rate, "vat_rate": "7.0"},
        "platform_fee": {"fixed": None, "amount": None, "percentage": None},
        "currency": charge.currency,
        "funding_currency": charge.currency,
    }


def _times(charge: Charge) -> Document:
    return {
        "created_at": to_timestamp(charge.created_at),
        "paid_at": to_timestamp(charge.paid_at),
        "expires_at": to_timestamp(charge.expires_at),
        "expired_at": to_timestamp(charge.expired_at),
        "reversed_at": to_timestamp(charge.reversed_at),
    }


def _flags(charge: Charge) -> Document:
    return {
        "authorized": charge.authorized,
        "capturable": charge.capturable,
        "capture": charge.capture,
        "disputable": charge.status == "successful" and charge.dispute_id is None,
        "livemode": False,
        "refundable": charge.refundable_amount > 0,
        "partially_refundable": charge.refundable_amount > 0,
        "reversed": charge.status == "reversed",
        "reversible": charge.capturable,
        "voided": False,
        "paid": charge.paid,
        "expired": charge.status == "expired",
    }
