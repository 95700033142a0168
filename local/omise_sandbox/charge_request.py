"""Reading the parameters of `create a charge`: https://docs.omise.co/charges-api."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from local.omise_sandbox.errors import OmiseError
from local.omise_sandbox.payload import Parameters, flag, integer, mapping, moment, text

SMALLEST_AMOUNT: Final = 2_000
LARGEST_AMOUNT: Final = 15_000_000
_MOST_ENDPOINTS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeRequest:
    """A charge that a merchant wants.

    Attributes
    ----------
    amount
        In satang.
    card
        A token's id, or none.
    source
        A source's id, the parameters of one to be made, or none.
    expires_at
        Until when it can be paid, in epoch seconds; none for the method's default.
    """

    amount: int
    currency: str
    card: str | None
    source: str | Parameters | None
    capture: bool
    description: str | None
    metadata: dict[str, object]
    return_uri: str | None
    ip: str | None
    webhook_endpoints: tuple[str, ...]
    expires_at: int | None


def parse_charge_request(parameters: Parameters, now: int) -> ChargeRequest:
    """Return the charge that the parameters describe.

    Raises
    ------
    OmiseError
        ``invalid_charge`` or ``bad_request``: a parameter is not what Omise takes.
        ``missing_card``: nothing says how it is to be paid.
    """
    return ChargeRequest(
        amount=parse_amount(parameters, "invalid_charge"),
        currency=parse_currency(parameters, "invalid_charge"),
        card=_card(parameters),
        source=_source(parameters),
        capture=flag(parameters, "capture", default=True),
        description=text(parameters, "description"),
        metadata=mapping(parameters, "metadata"),
        return_uri=_return_uri(parameters),
        ip=text(parameters, "ip"),
        webhook_endpoints=_webhook_endpoints(parameters),
        expires_at=_expires_at(parameters, now),
    )


def parse_amount(parameters: Parameters, error_code: str) -> int:
    """Return the amount in satang, within the account's limits.

    Raises
    ------
    OmiseError
        With `error_code`: no whole number, too small or too large.
    """
    amount = integer(parameters, "amount", error_code)
    if amount is None:
        raise OmiseError(error_code, "amount is not a number")
    if amount < SMALLEST_AMOUNT:
        message = f"amount must be greater than or equal to {SMALLEST_AMOUNT} (thb subunits)"
        raise OmiseError(error_code, message)
    if amount > LARGEST_AMOUNT:
        message = f"amount must be less than or equal to {LARGEST_AMOUNT} (thb subunits)"
        raise OmiseError(error_code, message)
    return amount


def parse_currency(parameters: Parameters, error_code: str) -> str:
    """Return the currency in capitals; the sandbox's account takes baht only.

    Raises
    ------
    OmiseError
        With `error_code`: another currency, or none.
    """
    currency = (text(parameters, "currency") or "").upper()
    if currency != "THB":
        raise OmiseError(error_code, "currency is currently not supported")
    return currency


def _card(parameters: Parameters) -> str | None:
    card = text(parameters, "card")
    if card is None and "source" not in parameters:
        raise OmiseError("missing_card", "request contains no card, customer or source")
    if card is not None and "source" in parameters:
        raise OmiseError("bad_request", "card and source cannot be used together")
    return card


def _source(parameters: Parameters) -> str | Parameters | None:
    if isinstance(parameters.get("source"), dict):
        return mapping(parameters, "source")
    return text(parameters, "source")


def _return_uri(parameters: Parameters) -> str | None:
    uri = text(parameters, "return_uri")
    if uri is not None and not _is_web_address(uri):
        raise OmiseError("bad_request", "return uri is invalid")
    return uri


def _webhook_endpoints(parameters: Parameters) -> tuple[str, ...]:
    endpoints = parameters.get("webhook_endpoints", [])
    if not isinstance(endpoints, list) or len(endpoints) > _MOST_ENDPOINTS:
        raise OmiseError("bad_request", f"webhook_endpoints takes at most {_MOST_ENDPOINTS} URLs")
    if not all(isinstance(endpoint, str) and _is_web_address(endpoint) for endpoint in endpoints):
        raise OmiseError("bad_request", "webhook_endpoints is invalid")
    return tuple(endpoints)


def _expires_at(parameters: Parameters, now: int) -> int | None:
    expires_at = moment(parameters, "expires_at")
    if expires_at is not None and expires_at <= now:
        raise OmiseError("bad_request", "expires_at must be in the future")
    return expires_at


def _is_web_address(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
