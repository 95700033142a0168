"""Keeps card data out: what looks like it is refused before it is logged, stored or parsed on.

Cards are tokenised in the browser by Omise.js, so that account data never reaches this system
(PCI DSS 4.0.1, requirement 3: do not store what you do not need; SAQ A eligibility).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

from kernel.errors import DomainError

_FIELD_NAMES = frozenset(
    f"{prefix}{name}"
    for prefix in ("", "card", "creditcard", "debitcard", "cc", "payment", "paymentcard")
    for name in (
        "pan",
        "cvc",
        "cvc2",
        "cvv",
        "cvv2",
        "cvn",
        "cid",
        "csc",
        "securitycode",
        "verificationcode",
        "verificationvalue",
        "exp",
        "expdate",
        "expmonth",
        "expyear",
        "expiry",
        "expirydate",
        "expirymonth",
        "expiryyear",
        "expiration",
        "expirationdate",
        "expirationmonth",
        "expirationyear",
    )
) | {
    f"{prefix}{name}"
    for prefix in ("card", "creditcard", "debitcard", "cc", "primaryaccount", "paymentcard")
    for name in ("number", "no", "num", "nr")
}
_HARMLESS = frozenset({"cid", "exp", "paymentcid", "paymentexp"})
_MAX_NUMBER_LENGTH = 64  # a card number with anything between its digits
_OMISES_NAME = "number"  # for a card's
_CARD_OBJECTS = frozenset({"card", "creditcard", "debitcard", "paymentcard"})
_NOT_ALPHANUMERIC = re.compile(r"[^0-9a-z]")
# What people and programs put between groups of digits: space, dots, dashes, underscores.
_DIGIT_RUN = re.compile(r"[0-9](?:[\s.·_\-\u2010-\u2015\u2212]*[0-9])+")
_DIGIT_GROUP = re.compile(r"[0-9]+")
_MIN_DIGITS = 14
_MAX_DIGITS = 19
# First digits of the card networks: Amex, JCB, Diners, UATP 1/3, Visa 4, Mastercard 2/5,
# Discover, Maestro, UnionPay 6, RuPay 8 (ISO/IEC 7812-1).
_NETWORK_PREFIX = re.compile(r"3[0-9]|4|5[0-9]|2[2-7]|6[0-9]|8[12]|1[0-9]{2}|9792")


class CardDataRefusedError(DomainError):
    """The request holds what looks like card data."""

    code = "card_data_refused"

    def __init__(self) -> None:
        super().__init__(
            "Card data must not be sent here. Tokenise the card with Omise.js and send the token."
        )


def refuse_card_fields(value: object) -> None:
    """Refuse a JSON value in which a member is named like a card number, expiry or CVC.

    A bare `number` may be anything, so it is refused for what it holds.

    Raises
    ------
    CardDataRefusedError
        If there is one, at any depth.
    """
    pending: list[tuple[str, object]] = [("", value)]
    while pending:
        parent, item = pending.pop()
        if isinstance(item, list):
            pending.extend((parent, child) for child in item)
        elif isinstance(item, dict):
            for key, child in item.items():
                name = _normalised(key)
                if _is_card_field(parent, name):
                    raise CardDataRefusedError
                if name == _OMISES_NAME and isinstance(child, str | int):
                    refuse_card_numbers(str(child)[:_MAX_NUMBER_LENGTH])
                pending.append((name, child))


def refuse_card_numbers(text: str) -> None:
    """Refuse a text that holds a Luhn-valid number of 14 to 19 digits with a network's prefix.

    Space, dots and dashes between the digits are ignored; digits may be of any script, or encoded
    as in a URL.

    Raises
    ------
    CardDataRefusedError
        If there is one anywhere in the text.
    """
    for run in _DIGIT_RUN.finditer(_with_plain_digits(unquote(text))):
        groups = _DIGIT_GROUP.findall(run[0])
        for start in range(len(groups)):
            if any(_is_card_number(digits) for digits in _joined(groups, start)):
                raise CardDataRefusedError


def _with_plain_digits(text: str) -> str:
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(character, character)) for character in text)


def _joined(groups: list[str], start: int) -> Iterator[str]:
    """Join neighbouring groups of digits, as far as a card number can reach."""
    digits = ""
    for group in groups[start : start + _MAX_DIGITS]:
        digits += group
        if len(digits) > _MAX_DIGITS:
            return
        yield digits


def _is_card_number(digits: str) -> bool:
    return (
        len(digits) >= _MIN_DIGITS
        and _NETWORK_PREFIX.match(digits) is not None
        and _passes_luhn(digits)
    )


def _normalised(name: str) -> str:
    return _NOT_ALPHANUMERIC.sub("", name.lower())


def _is_card_field(parent: str, name: str) -> bool:
    if parent in _CARD_OBJECTS and name in {"number", "month", "year", "exp", "cid"}:
        return True
    return name in _FIELD_NAMES and name not in _HARMLESS


def _passes_luhn(digits: str) -> bool:
    """Check the last digit by the Luhn algorithm (ISO/IEC 7812-1, annex B)."""
    total = 0
    for position, digit in enumerate(map(int, reversed(digits))):
        doubled = digit * 2 if position % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled  # noqa: PLR2004  # two digits
    return total % 10 == 0
