"""Charges in Omise's JSON, read strictly: what is not as documented is no answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from billing.adapters.omise_errors import OmiseUnavailableError
from billing.domain.charge import Charge, ChargeOrder, ChargeStatus, is_charge_id
from kernel.clock import parse_rfc3339

ValueT = TypeVar("ValueT")


def charge_of(answer: Mapping[str, Any]) -> Charge:
    """Read a charge.

    Raises
    ------
    OmiseUnavailableError
        If it is none: a field is missing or of another type than documented.
    """
    try:
        return _charge(answer)
    except (KeyError, TypeError, ValueError) as error:
        raise OmiseUnavailableError(f"not a charge: {error}") from error


def charges_of(answer: Mapping[str, Any]) -> list[Charge]:
    """Read one page of a list of charges.

    Raises
    ------
    OmiseUnavailableError
        If it is none.
    """
    rows = answer.get("data")
    if answer.get("object") != "list" or not isinstance(rows, list):
        raise OmiseUnavailableError("not a list")
    return [charge_of(row) for row in rows]


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
        failure_code=answer.get("failure_code"),
        failure_message=answer.get("failure_message"),
        expires_at=_moment(answer.get("expires_at")),
        qr_code_uri=_qr_code_uri(answer.get("source")),
        authorize_uri=answer.get("authorize_uri"),
    )


def _typed(value: object, kind: type[ValueT]) -> ValueT:
    """Let a value of exactly this type through; `bool` is no `int` where money is counted."""
    if type(value) is not kind:
        raise TypeError(f"{kind.__name__} expected")
    return value


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_rfc3339(text)


def _qr_code_uri(source: Mapping[str, Any] | None) -> str | None:
    code = (source or {}).get("scannable_code") or {}
    uri = (code.get("image") or {}).get("download_uri")
    return uri if isinstance(uri, str) else None
