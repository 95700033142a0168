"""The body of `POST /v1/purchases`, and what must not be in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from billing.domain.charge import TOKEN, Card, is_token
from billing.domain.purchase_return_uri import MAX_LENGTH
from kernel.card_data import refuse_card_numbers
from kernel.errors import ValidationFailedError
from kernel.schema import Says
from kernel.validation import RequestModel, validated

_Text = Annotated[
    str, Field(min_length=1, max_length=64), Says("What to buy.", examples=["starter"])
]


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
    token: Annotated[
        str,
        AfterValidator(_checked_token),
        Says("The single-use token that Omise.js made.", pattern=f"^{TOKEN.pattern}$"),
    ]
    return_uri: Annotated[
        str,
        Field(min_length=1, max_length=MAX_LENGTH),
        Says("Where 3-D Secure ends: https, on a host of the deployment's.", format="uri"),
    ]


class _AnyMethod(RequestModel):
    """What is said of a payment method that is neither of the two."""

    type: Literal["promptpay", "card"]


class PurchaseRequest(RequestModel):
    """What every purchase says; its subclasses say how it is paid."""

    package_id: _Text

    @property
    def card(self) -> Card | None:
        """The card, as far as this system may know it; None for PromptPay."""
        return None


class PromptPayPurchase(PurchaseRequest):
    """A purchase that is paid by QR code."""

    payment_method: PromptPay


class CardPurchase(PurchaseRequest):
    """A purchase that is paid by card."""

    payment_method: CardToken

    @property
    def card(self) -> Card:
        """The card, as far as this system may know it."""
        return Card(self.payment_method.token, self.payment_method.return_uri)


class _AnyPurchase(PurchaseRequest):
    payment_method: _AnyMethod


PurchaseBody = PromptPayPurchase | CardPurchase


# A union would name the member that it tried in every pointer; choosing first keeps them plain.
_MODELS: Final[Mapping[str, type[PurchaseRequest]]] = {
    "promptpay": PromptPayPurchase,
    "card": CardPurchase,
}


def parsed(body: object, verify_return_uri: Callable[[str], None]) -> PurchaseRequest:
    """Read the body.

    Parameters
    ----------
    body
        A JSON value.
    verify_return_uri
        Refuses a return URI that is not allowed here. Whoever buys verifies it anyway; if the body
        is refused for something else, its findings are reported along with the others.

    Raises
    ------
    ValidationFailedError
        With every finding and its place.
    """
    method = body.get("payment_method") if isinstance(body, Mapping) else None
    kind = method.get("type") if isinstance(method, Mapping) else None
    model = _MODELS.get(kind, _AnyPurchase) if isinstance(kind, str) else _AnyPurchase
    try:
        return validated(model, body)
    except ValidationFailedError as refusal:
        uri = method.get("return_uri") if isinstance(method, Mapping) else None
        if kind != "card" or not isinstance(uri, str):
            raise
        raise _joined(refusal, lambda: verify_return_uri(uri)) from None


def _joined(first: ValidationFailedError, verify: Callable[[], None]) -> ValidationFailedError:
    try:
        verify()
    except ValidationFailedError as second:
        known = {finding["pointer"] for finding in first.findings}
        more = [finding for finding in second.findings if finding["pointer"] not in known]
        return ValidationFailedError([*first.findings, *more])
    return first


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
