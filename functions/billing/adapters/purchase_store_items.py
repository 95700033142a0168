"""Purchases as DynamoDB items: within 1 KB, so that settling stays within six write units.

What a key says already (id, user, time of creation) is not stored twice. The task token of the
saga is an item of its own beside the purchase, since it alone fills half a KB.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from billing.domain.charge import Card, ChargeStatus, Dispute, DisputeStatus
from billing.domain.packages import Package
from billing.domain.purchase import Purchase
from billing.domain.purchase_parts import (
    Failure,
    Payment,
    PaymentMethod,
    PurchaseStatus,
    Refund,
    RefundState,
    Source,
    StatusChange,
)
from kernel.clock import parse_rfc3339, rfc3339, rfc3339_or_none
from kernel.dynamodb import Item

PURCHASE: Final = "PURCHASE"
TASK_TOKEN: Final = "TASK_TOKEN"  # noqa: S105  # a sort key
_KEY_PREFIX: Final = "PURCHASE#"
_LIST_PREFIX: Final = "PURCHASES#"


def partition_key(purchase_id: str) -> str:
    """Return the partition key of a purchase."""
    return f"{_KEY_PREFIX}{purchase_id}"


def list_key(user_id: str) -> str:
    """Return the index's partition key of a user's purchases."""
    return f"{_LIST_PREFIX}{user_id}"


def to_item(purchase: Purchase) -> Item:
    """Render a purchase as an item of plain values; what is not there is left out."""
    values: Item = {
        "pk": partition_key(purchase.id),
        "sk": PURCHASE,
        "list_key": list_key(purchase.user_id),
        "listed_at": f"{rfc3339(purchase.created_at)}#{purchase.id}",
        "status": purchase.status.value,
        "version": purchase.version,
        "cid": purchase.correlation_id,
        "request": bytes.fromhex(purchase.fingerprint),
        "package": _package_row(purchase.package),
        "method": purchase.payment_method.value,
        "card": purchase.card and [purchase.card.token, purchase.card.return_uri],
        "history": [_change_row(change) for change in purchase.history],
        "updated_at": rfc3339(purchase.updated_at),
        "attempts": purchase.attempts,
        "attempt_since": rfc3339_or_none(purchase.attempt_open_since),
        "payment": purchase.payment and _payment_row(purchase.payment),
        "failure": purchase.failure and [purchase.failure.code, purchase.failure.message],
        "refunded": purchase.refunded_amount or None,
        "clawed_back": purchase.clawed_back or None,
        "dispute": purchase.dispute and [purchase.dispute.id, purchase.dispute.status.value],
        "refunds": [_refund_row(refund) for refund in purchase.refunds] or None,
        "grants": list(purchase.grant_nos) or None,
        "completed_at": rfc3339_or_none(purchase.completed_at),
        "withdrawn_at": rfc3339_or_none(purchase.withdrawn_at),
    }
    return {name: value for name, value in values.items() if value is not None}


def from_item(item: Item) -> Purchase:
    """Read a purchase from an item of plain values."""
    created_at, _, purchase_id = item["listed_at"].partition("#")
    card, failure, payment = item.get("card"), item.get("failure"), item.get("payment")
    dispute = item.get("dispute")
    return Purchase(
        id=purchase_id,
        user_id=item["list_key"].removeprefix(_LIST_PREFIX),
        fingerprint=item["request"].hex(),
        correlation_id=item["cid"],
        package=Package(*item["package"]),
        payment_method=PaymentMethod(item["method"]),
        card=Card(*card) if card else None,
        status=PurchaseStatus(item["status"]),
        history=tuple(_change(row) for row in item["history"]),
        created_at=parse_rfc3339(created_at),
        updated_at=parse_rfc3339(item["updated_at"]),
        version=item["version"],
        attempts=item["attempts"],
        attempt_open_since=_moment(item.get("attempt_since")),
        payment=_payment(payment) if payment else None,
        failure=Failure(*failure) if failure else None,
        refunded_amount=item.get("refunded", 0),
        clawed_back=item.get("clawed_back", 0),
        dispute=Dispute(dispute[0], DisputeStatus(dispute[1])) if dispute else None,
        refunds=tuple(_refund(row) for row in item.get("refunds", ())),
        grant_nos=tuple(item.get("grants", ())),
        completed_at=_moment(item.get("completed_at")),
        withdrawn_at=_moment(item.get("withdrawn_at")),
    )


def ids_of_image(image: Mapping[str, Any]) -> tuple[str, str]:
    """Read a purchase's id and correlation id from the stream's image of its item.

    An image holds attribute values as Lambda's JSON has them, with binary values in base64.
    """
    return image["pk"]["S"].removeprefix(_KEY_PREFIX), image["cid"]["S"]


def _package_row(package: Package) -> list[str | int | None]:
    return [
        package.id,
        package.name,
        package.credits,
        package.bonus_credits,
        package.amount,
        package.currency,
        package.expires_after_days,
    ]


def _change_row(change: StatusChange) -> list[str]:
    return [rfc3339(change.at), change.status.value, change.source.value]


def _change(row: list[Any]) -> StatusChange:
    at, status, source = row
    return StatusChange(parse_rfc3339(at), PurchaseStatus(status), Source(source))


def _payment_row(payment: Payment) -> list[str | None]:
    return [
        payment.charge_id,
        payment.charge_status.value,
        payment.qr_code_uri,
        payment.authorize_uri,
        rfc3339_or_none(payment.expires_at),
    ]


def _payment(row: list[Any]) -> Payment:
    charge_id, status, qr_code_uri, authorize_uri, expires_at = row
    return Payment(charge_id, ChargeStatus(status), qr_code_uri, authorize_uri, _moment(expires_at))


def _refund_row(refund: Refund) -> list[str | int | None]:
    return [
        refund.request_id,
        refund.amount,
        refund.credits,
        refund.operator,
        refund.reason,
        rfc3339(refund.requested_at),
        refund.state.value,
        refund.attempts,
        rfc3339_or_none(refund.attempted_at),
    ]


def _refund(row: list[Any]) -> Refund:
    request_id, amount, credits, operator, reason, at, state, attempts, attempted_at = row
    return Refund(
        request_id=request_id,
        amount=amount,
        credits=credits,
        operator=operator,
        reason=reason,
        requested_at=parse_rfc3339(at),
        state=RefundState(state),
        attempts=attempts,
        attempted_at=_moment(attempted_at),
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_rfc3339(text)
