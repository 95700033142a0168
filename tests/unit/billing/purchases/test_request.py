"""What a purchase's body may say."""

from __future__ import annotations

import json

import pytest

from billing.domain.charge import Card
from billing.domain.purchase_return_uri import verify_return_uri
from billing.purchase.prefer import wait_seconds
from billing.purchase.request import parsed, refuse_card_numbers_in
from kernel.card_data import CardDataRefusedError
from kernel.errors import ValidationFailedError

PROMPTPAY = {"package_id": "growth", "payment_method": {"type": "promptpay"}}
CARD_METHOD = {"type": "card", "token": "tokn_test_5a", "return_uri": "https://example.com/"}
# Built from parts: no card number stands in the repository.
NUMBER = "4242" * 4


def refuse_other_hosts(uri: str) -> None:
    """Let only our own host through."""
    verify_return_uri(uri, hosts=["example.com"], insecure_hosts=[])


def pointers(body: object) -> set[str]:
    """Return the places of the findings."""
    with pytest.raises(ValidationFailedError) as refused:
        parsed(body, refuse_other_hosts)
    errors = refused.value.members["errors"]
    assert isinstance(errors, list)
    return {error["pointer"] for error in errors}


def test_promptpay_has_no_card() -> None:
    """A QR code needs nothing of the buyer."""
    assert parsed(PROMPTPAY, refuse_other_hosts).card is None


def test_a_card_is_a_token_and_a_way_back() -> None:
    """Nothing else of a card is known here."""
    body = {"package_id": "growth", "payment_method": CARD_METHOD}
    request = parsed(body, refuse_other_hosts)
    assert request.card == Card("tokn_test_5a", "https://example.com/")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([], {""}),
        ({}, {"/package_id", "/payment_method"}),
        (PROMPTPAY | {"package_id": 5}, {"/package_id"}),
        (PROMPTPAY | {"amount": 1}, {"/amount"}),
        (PROMPTPAY | {"user_id": "usr_1"}, {"/user_id"}),
        (PROMPTPAY | {"payment_method": "promptpay"}, {"/payment_method"}),
        (PROMPTPAY | {"payment_method": {"type": "cash"}}, {"/payment_method/type"}),
        (PROMPTPAY | {"payment_method": {"type": []}}, {"/payment_method/type"}),
        (
            PROMPTPAY | {"payment_method": {"type": "promptpay", "token": "tokn_1"}},
            {"/payment_method/token"},
        ),
        (
            PROMPTPAY | {"payment_method": {"type": "card"}},
            {"/payment_method/token", "/payment_method/return_uri"},
        ),
        (
            PROMPTPAY | {"payment_method": CARD_METHOD | {"token": "tokn_1/../x"}},
            {"/payment_method/token"},
        ),
        (
            PROMPTPAY | {"payment_method": CARD_METHOD | {"token": "tokn_1\n"}},
            {"/payment_method/token"},
        ),
        (
            {"payment_method": CARD_METHOD | {"return_uri": "https://example.org/"}},
            {"/package_id", "/payment_method/return_uri"},
        ),
        (
            {"payment_method": CARD_METHOD | {"return_uri": "x" * 600}},
            {"/package_id", "/payment_method/return_uri"},
        ),
    ],
)
def test_p02_anything_else_is_refused_where_it_stands(body: object, expected: set[str]) -> None:
    """Every finding has its place."""
    assert pointers(body) == expected


@pytest.mark.parametrize(
    "raw",
    [
        json.dumps({"package_id": NUMBER}),
        json.dumps({"note": "my card is 4242 4242-4242 4242, thanks"}),
        json.dumps({"payment_method": {"token": NUMBER}}),
        json.dumps({"amount": int(NUMBER)}),
        json.dumps({"amount": float(NUMBER)}),
        json.dumps({NUMBER: 1}),
        '{"list": [["\\u0034242424242424242"]]}',
        '{"amount": 4.242424242424242e15}',
    ],
)
def test_d01_a_card_number_anywhere_is_refused(raw: str) -> None:
    """As text, as a number, in a name, in escapes."""
    with pytest.raises(CardDataRefusedError) as refused:
        refuse_card_numbers_in(raw.encode(), json.loads(raw))
    assert "4242" not in str(refused.value)


def test_a_body_without_card_numbers_is_let_through() -> None:
    """Tokens, truths and nothings are no card numbers."""
    body = {"package_id": "growth", "payment_method": CARD_METHOD, "x": [None, True, 0.5]}
    refuse_card_numbers_in(json.dumps(body).encode(), body)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", 5),
        ("wait=0", 0),
        ("wait=7", 7),
        ('wait="7"', 7),
        ("Wait = 7", 7),
        ("wait=11", 10),
        ("wait=999999", 10),
        ("wait=-1", 5),
        ("wait=1.5", 5),
        ("wait=abc", 5),
        ("respond-async", 0),
        ("respond-async, wait=3", 3),
        ("handling=lenient; x=y, wait=2", 2),
        ("return=minimal", 5),
    ],
)
def test_a_client_says_how_long_it_waits(header: str, seconds: int) -> None:
    """Ten seconds at most; what is not understood is ignored (RFC 7240)."""
    assert wait_seconds(header) == seconds
