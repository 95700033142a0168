"""Card data is refused wherever it hides."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.card_data import CardDataRefusedError, refuse_card_fields, refuse_card_numbers


def card_number(prefix: str, length: int) -> str:
    """Make a number with a valid check digit, so that none stands in this file."""
    digits = (prefix + "7" * length)[: length - 1]
    doubled = [int(d) * (2 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits))]
    total = sum(d - 9 if d > 9 else d for d in doubled)
    return digits + str(-total % 10)


@pytest.mark.parametrize(
    ("prefix", "length"),
    [("4", 16), ("51", 16), ("2223", 16), ("34", 15), ("6011", 16), ("36", 14), ("62", 19)],
)
@pytest.mark.parametrize("separator", ["", " ", "-", "  ", ".", "_", "\u00a0", "\u2013", "\n"])
def test_d01_a_valid_card_number_is_refused(prefix: str, length: int, separator: str) -> None:
    """D01: every network's numbers, with spaces or dashes between the digits."""
    number = separator.join(card_number(prefix, length))
    with pytest.raises(CardDataRefusedError) as refusal:
        refuse_card_numbers(f'{{"note": "my card is {number}, thanks"}}')
    assert number not in str(refusal.value)


@pytest.mark.parametrize("zero", ["\uff10", "\u0660", "\u0e50"], ids=["wide", "Arabic", "Thai"])
def test_d01_digits_of_any_script_are_digits(zero: str) -> None:
    """D01: as people's keyboards have them."""
    number = "".join(chr(ord(zero) + int(digit)) for digit in card_number("4", 16))
    with pytest.raises(CardDataRefusedError):
        refuse_card_numbers(number)


def test_d01_a_card_number_encoded_for_a_url_is_refused() -> None:
    """D01: it would be read there as what it is."""
    encoded = "".join(f"%{ord(digit):02X}" for digit in card_number("4", 16))
    with pytest.raises(CardDataRefusedError):
        refuse_card_numbers(f"https://example.com/?n={encoded}")


@pytest.mark.parametrize("spelling", [str, int])
def test_d01_a_bare_number_is_refused_for_what_it_holds(spelling: type) -> None:
    """D01: Omise's name for a card's number; 42 is as good a number as any."""
    refuse_card_fields({"number": spelling("42"), "rows": [{"number": None}]})
    with pytest.raises(CardDataRefusedError):
        refuse_card_fields({"a": [{"number": spelling(card_number("4", 16))}]})


@pytest.mark.parametrize("before", ["12 ", "2026-11-23 ", "7-", "1 2 3 "])
@pytest.mark.parametrize("after", [" 12/29", "-7", " 123", ""])
def test_d01_a_card_number_among_other_numbers_is_refused(before: str, after: str) -> None:
    """D01: neighbouring digits don't hide it."""
    with pytest.raises(CardDataRefusedError):
        refuse_card_numbers(before + card_number("4", 16) + after)


@given(st.integers(min_value=10**15, max_value=10**16 - 1))
def test_d01_a_number_with_a_wrong_check_digit_passes(value: int) -> None:
    """D01: only Luhn-valid numbers look like cards."""
    number = card_number("4" + str(value)[1:15], 16)
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    refuse_card_numbers(wrong)


@pytest.mark.parametrize(
    "name",
    ["card_number", "cardNumber", "CVC", "cvv", "security-code", "expiry", "exp_month", "pan"],
)
def test_d01_members_named_like_card_data_are_refused(name: str) -> None:
    """D01: whatever the spelling and however deep."""
    with pytest.raises(CardDataRefusedError):
        refuse_card_fields({"a": [{"b": {name: "x"}}]})


@pytest.mark.parametrize("name", ["number", "expires_at", "export", "description", "token", "cid"])
def test_ordinary_names_pass(name: str) -> None:
    """Names that only resemble them are fine."""
    refuse_card_fields({name: 1, "nested": [{name: {}}]})
