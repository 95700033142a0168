"""Charges in Omise's JSON, read strictly: what is not as documented is no answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from billing.adapters.omise_errors import OmiseUnavailableError, UnreadableChargeError
from billing.domain.charge import (
    Charge,
    ChargeOrder,
    ChargeStatus,
    Dispute,
    DisputeStatus,
    is_charge_id,
    is_dispute_id,
)
from kernel.clock import parse_rfc3339
from kernel.observability import logger

ValueT = TypeVar("ValueT")


def charge_of(answer: Mapping[str, Any]) -> Charge:
    """Read a charge.

    Raises
    ------
    UnreadableChargeError
        If it is none: a field is missing or of another type than documented.
    """
    try:
        return _charge(answer)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnreadableChargeError(str(error), *_named_by(answer)) from error


@dataclass(frozen=True, slots=True)
class ChargePage:
    """A page of charges: those that can be read, and what is known of the others.

    An account may hold what others made in ways that are not documented; that must not keep ours
    from being found.
    """

    charges: tuple[Charge, ...]
    unreadable: tuple[UnreadableChargeError, ...] = ()

    @property
    def row_count(self) -> int:
        """How many charges the page has in all."""
        return len(self.charges) + len(self.unreadable)


def charges_of(answer: Mapping[str, Any]) -> ChargePage:
    """Read one page of a list of charges.

    Raises
    ------
    OmiseUnavailableError
        If it is no list.
    """
    rows = answer.get("data")
    if answer.get("object") != "list" or not isinstance(rows, list):
        raise OmiseUnavailableError("not a list")
    charges: list[Charge] = []
    unreadable: list[UnreadableChargeError] = []
    for row in rows:
        try:
            charges.append(charge_of(row))
        except UnreadableChargeError as error:
            logger.error("charge unreadable", extra={"charge_id": error.charge_id})
            unreadable.append(error)
    return ChargePage(tuple(charges), tuple(unreadable))


def payload_of(order: ChargeOrder) -> dict[str, object]:
    """Render what Omise is asked for (https://docs.omise.co/charges-api#create)."""
    payload: dict[str, object] = {
        "amount": order.amount,
        "currency": order.currency,
        "description": order.description,
        "metadata": dict(order.metadata),
    }
    if order.card is not None:
        return payload | {"card": order.card.token, "return_uri": order.card.return_uri}
    return payload | {
        "source": {"type": "promptpay"},
        "expires_at": time_text(order.expires_at),
    }


def dispute_of(answer: Mapping[str, Any]) -> Dispute:
    """Read a dispute (https://docs.omise.co/disputes-api).

    Raises
    ------
    OmiseUnavailableError
        If it is none.
    """
    try:
        return _read_dispute(answer)
    except (KeyError, TypeError, ValueError) as error:
        raise OmiseUnavailableError(f"not a dispute: {error}") from error


def unread_dispute_id_of(answer: Mapping[str, Any]) -> str | None:
    """Return the dispute that a charge names without its state; None where there is none such.

    Omise expands it in the charge; where it does not, it has to be fetched.
    """
    dispute = answer.get("dispute")
    return dispute if isinstance(dispute, str) else None


def refund_requests_of(answer: Mapping[str, Any]) -> frozenset[str]:
    """Read the request ids that a list of refunds names in its metadata.

    Raises
    ------
    OmiseUnavailableError
        If it is no list.
    """
    if answer.get("object") != "list" or not isinstance(answer.get("data"), list):
        raise OmiseUnavailableError("not a list")
    return _refund_requests(answer)


def time_text(moment: datetime) -> str:
    """Render a time as Omise documents it: whole seconds, `YYYY-MM-DDThh:mm:ssZ`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _charge(answer: Mapping[str, Any]) -> Charge:
    if answer["object"] != "charge" or not is_charge_id(answer["id"]):
        raise ValueError("object or id")
    metadata = answer.get("metadata")
    return Charge(
        id=answer["id"],
        status=ChargeStatus(answer["status"]),
        paid=_typed(answer["paid"], bool),
        amount=_typed(answer["amount"], int),
        currency=_typed(answer["currency"], str),
        livemode=_typed(answer["livemode"], bool),
        created_at=parse_rfc3339(answer["created_at"]),
        metadata=metadata if isinstance(metadata, dict) else {},
        refunded_amount=_typed(answer.get("refunded_amount", 0), int),
        refund_requests=_refund_requests(answer.get("refunds")),
        dispute=_dispute(answer.get("dispute")),
        paid_at=_moment(answer.get("paid_at")),
        failure_code=answer.get("failure_code"),
        failure_message=answer.get("failure_message"),
        expires_at=_moment(answer.get("expires_at")),
        qr_code_uri=_qr_code_uri(answer.get("source")),
        authorize_uri=answer.get("authorize_uri"),
    )


def _named_by(answer: object) -> tuple[str | None, str | None]:
    """Say which charge an answer is about, and which purchase it names."""
    if not isinstance(answer, dict):
        return None, None
    metadata = answer.get("metadata")
    purchase_id = metadata.get("purchase_id") if isinstance(metadata, dict) else None
    named = (answer.get("id"), purchase_id)
    charge_id, purchase_id = (name if isinstance(name, str) else None for name in named)
    return charge_id, purchase_id


def _read_dispute(answer: Mapping[str, Any]) -> Dispute:
    if answer["object"] != "dispute" or not is_dispute_id(answer["id"]):
        raise ValueError("object or id")
    return Dispute(answer["id"], DisputeStatus(answer["status"]))


def _dispute(value: object) -> Dispute | None:
    return _read_dispute(value) if isinstance(value, dict) else None


def _refund_requests(refunds: object) -> frozenset[str]:
    """Find our request ids; a refund that somebody made at Omise's dashboard has none."""
    rows = refunds.get("data") if isinstance(refunds, dict) else None
    found = [_request_id(row) for row in rows] if isinstance(rows, list) else []
    return frozenset(name for name in found if isinstance(name, str))


def _request_id(refund: object) -> object:
    metadata = refund.get("metadata") if isinstance(refund, dict) else None
    return metadata.get("request_id") if isinstance(metadata, dict) else None


def _typed(value: object, kind: type[ValueT]) -> ValueT:
    """Let a value of exactly this type through; `bool` is no `int` where money is counted."""
    if type(value) is not kind:
        raise TypeError(f"{kind.__name__} expected")
    return value


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_rfc3339(text)


def _qr_code_uri(source: object) -> str | None:
    found = source
    for name in ("scannable_code", "image", "download_uri"):
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) else None
