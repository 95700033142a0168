"""Card numbers: check digit, brand, and the outcomes that Omise documents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.omise_sandbox.cards import FAILURE_MESSAGES, profile_card, require_unexpired
from local.omise_sandbox.errors import OmiseError

JANUARY_2027 = 1_798_761_600  # 2027-01-01T00:00:00Z
RANGES = {"41111111111": 0, "55555511111": -30_000, "35301111111": -50_000}
VISA_ENDINGS = (60001, 50002, 40003, 40011, 30012, 20013, 10014, 90016, 80017)


@pytest.mark.parametrize("visa_ending", VISA_ENDINGS)
@pytest.mark.parametrize("test_range", RANGES)
def test_documented_numbers_of_three_networks_end_alike(test_range: str, visa_ending: int) -> None:
    """Given a documented failing card of any network, then it is valid and fails the same way."""
    ending = (visa_ending + RANGES[test_range]) % 100_000

    card = profile_card(f"{test_range}{ending:05}")
    visa = profile_card(f"41111111111{visa_ending:05}")

    assert (card.failure_code, card.challenge) == (visa.failure_code, visa.challenge)
    assert (card.failure_code in FAILURE_MESSAGES) != (card.challenge == "always_fails")


@pytest.mark.parametrize(
    ("number", "brand"),
    [
        ("4242" * 4, "Visa"),
        ("4242 " * 4, "Visa"),
        ("5555-" * 3 + "4444", "MasterCard"),
        ("3530" + "1113" + "3330" + "0000", "JCB"),
        ("3782" + "8224" + "6310" + "005", "American Express"),
        ("3602" + "1042" + "0000" + "04", "Diners Club"),
        ("6250" + "9470" + "0000" + "0006", "UnionPay"),
    ],
)
def test_a_documented_good_card_succeeds(number: str, brand: str) -> None:
    """Given a card that Omise documents as successful, then brand and no failure."""
    card = profile_card(number)

    assert (card.brand, card.failure_code) == (brand, None)
    assert number.replace(" ", "").endswith(card.last_digits)


@given(position=st.integers(0, 15), change=st.integers(1, 9))
def test_one_wrong_digit_is_always_found(position: int, change: int) -> None:
    """Given a valid number with any one digit changed, then it is refused."""
    digits = list("4242" * 4)
    digits[position] = str((int(digits[position]) + change) % 10)

    with pytest.raises(OmiseError, match="number is invalid"):
        profile_card("".join(digits))


@pytest.mark.parametrize(("month", "year"), [(12, 2026), (1, 2020), (0, 2099), (13, 2099)])
def test_an_expired_or_impossible_date_is_refused(month: int, year: int) -> None:
    """Given the month before this one, or no month, then the card is refused."""
    with pytest.raises(OmiseError) as refusal:
        require_unexpired(month, year, JANUARY_2027)
    assert refusal.value.code == "invalid_card"


def test_a_card_is_good_until_its_month_ends() -> None:
    """Given a card that expires this month, then it is still good."""
    require_unexpired(1, 2027, JANUARY_2027)
