"""The body of `POST /v1/purchases`, and what must not be in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from billing.domain.charge import Card, is_token
from kernel.card_data import refuse_card_numbers
from kernel.validation import RequestModel, validated

_Text = Annotated[str, Field(min_length=1, max_length=64)]


def _checked_token(value: str) -> str:
    if not is_token(value):
        raise ValueError("must be a token made by Omise.js")
    return value


class PromptPay(RequestModel):
    """Payment by QR code."""

    type: Literal["promptpay"]


class CardToken(RequestModel):
    """Payment by a card that Omise.js tokenised in the browser."""

    type: Literal["card"]
    token: Annotated[str, AfterValidator(_checked_token)]
    return_uri: Annotated[str, Field(min_length=1, max_length=2048)]


class _AnyMethod(RequestModel):
    """What is said of a payment method that is neither of the two."""

    type: Literal["promptpay", "card"]


class PurchaseRequest(RequestModel):
    """What every purchase says; its subclasses say how it is paid."""

    package_id: _Text
    payment_method: PromptPay | CardToken | _AnyMethod

    @property
    def card(self) -> Card | None:
        """The card, as far as this system may know it; None for PromptPay."""
        method = self.payment_method
        if isinstance(method, CardToken):
            return Card(method.token, method.return_uri)
        return None


class _PromptPayPurchase(PurchaseRequest):
    payment_method: PromptPay


class _CardPurchase(PurchaseRequest):
    payment_method: CardToken


class _AnyPurchase(PurchaseRequest):
    payment_method: _AnyMethod


# A union would name the member that it tried in every pointer; choosing first keeps them plain.
_MODELS: Final[Mapping[str, type[PurchaseRequest]]] = {
    "promptpay": _PromptPayPurchase,
    "card": _CardPurchase,
}


def parsed(body: object) -> PurchaseRequest:
    """Read the body.

    Raises
    ------
    ValidationFailedError
        With every finding and its place.
    """
    method = body.get("payment_method") if isinstance(body, Mapping) else None
    kind = method.get("type") if isinstance(method, Mapping) else None
    model = _MODELS.get(kind, _AnyPurchase) if isinstance(kind, str) else _AnyPurchase
    return validated(model, body)


def refuse_card_numbers_in(raw: bytes, body: object) -> None:
    """Refuse a body with a card number in it, spelled out or written in escapes.

    Parameters
    ----------
    raw
        The body as it was sent.
    body
        The body as a JSON value.

    Raises
    ------
    CardDataRefusedError
        If there is one anywhere.
    """
    refuse_card_numbers(raw.decode("utf-8", "replace"))
    pending = [body]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            pending += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            pending += item
        elif isinstance(item, str | int):
            refuse_card_numbers(str(item))
        elif isinstance(item, float):
            refuse_card_numbers(f"{item:.0f}")
