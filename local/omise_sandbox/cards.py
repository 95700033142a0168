"""Omise's test cards: what a number says about brand, validity and the charge's outcome.

Source of the numbers: https://docs.omise.co/api-testing. A number is looked at once, when it is
tokenised, and never stored.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from local.omise_sandbox.errors import OmiseError

Challenge = Literal["none", "passable", "always_fails"]

FAILURE_MESSAGES: Final[dict[str, str]] = {
    "confirmed_amount_mismatch": (
        "final amount from payment channel does not match original amount charged"
    ),
    "failed_fraud_check": "failed fraud check",
    "failed_processing": "failed processing",
    "insufficient_balance": "insufficient balance",
    "insufficient_fund": (
        "insufficient funds in the account or the card has reached the credit limit"
    ),
    "invalid_account": "invalid account",
    "invalid_account_number": "the account number is invalid",
    "invalid_security_code": "the security code is invalid",
    "payment_cancelled": "payment cancelled",
    "payment_rejected": "payment rejected",
    "stolen_or_lost_card": "card is stolen or lost",
    "timeout": "timeout",
}

# In these ranges, one for each of three networks, the last four digits say how the charge ends.
_TEST_RANGES: Final = ("41111111111", "55555511111", "35301111111")
_DECLINES: Final[dict[str, str]] = {
    "0001": "invalid_security_code",
    "0002": "payment_rejected",  # 3-D Secure enrolment fails
    "0011": "insufficient_fund",
    "0012": "stolen_or_lost_card",
    "0013": "failed_processing",
    "0014": "payment_rejected",
    "0016": "failed_fraud_check",
    "0017": "invalid_account_number",
}
_FAILING_CHALLENGE: Final = "0003"  # 3-D Secure validation fails

# Omise turns 3-D Secure on per account, not per card. So that both flows can be had without a
# setting, one of its successful cards is always challenged here when there is a return_uri.
_CHALLENGED: Final = "5454" * 4

_BRAND_PREFIXES: Final = (
    (("34", "37"), "American Express"),
    (("35",), "JCB"),
    (("36",), "Diners Club"),
    (("4",), "Visa"),
    (("62",), "UnionPay"),
    (("6",), "Discover"),
    (("2", "5"), "MasterCard"),
)
_SHORTEST, _LONGEST = 13, 19
_MONTHS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class CardProfile:
    """What the sandbox keeps of a card number.

    Attributes
    ----------
    brand
        The network, in Omise's spelling.
    last_digits
        The last four digits.
    failure_code
        Why a charge of this card fails, or none.
    challenge
        Whether 3-D Secure asks the cardholder even where the account's setting does not.
    """

    brand: str
    last_digits: str
    failure_code: str | None
    challenge: Challenge


def profile_card(number: str) -> CardProfile:
    """Return what a card number stands for.

    Parameters
    ----------
    number
        Digits, perhaps with spaces or dashes between them.

    Raises
    ------
    OmiseError
        ``invalid_card``: not 13 to 19 digits, or the check digit is wrong (ISO/IEC 7812-1).
    """
    digits = number.replace(" ", "").replace("-", "")
    if not (digits.isascii() and digits.isdigit() and _SHORTEST <= len(digits) <= _LONGEST):
        raise OmiseError("invalid_card", "number is invalid")
    if not _passes_luhn(digits):
        raise OmiseError("invalid_card", "number is invalid")
    return CardProfile(
        brand=_brand(digits),
        last_digits=digits[-4:],
        failure_code=_DECLINES.get(digits[-4:]) if digits.startswith(_TEST_RANGES) else None,
        challenge=_challenge(digits),
    )


def require_unexpired(month: int, year: int, now: int) -> None:
    """Check that a card is good until the end of a month that is not over.

    Raises
    ------
    OmiseError
        ``invalid_card``: no such month, or it is in the past.
    """
    today = datetime.fromtimestamp(now, UTC)
    if not 1 <= month <= _MONTHS:
        raise OmiseError("invalid_card", "expiration month is not between 1 and 12")
    if (year, month) < (today.year, today.month):
        raise OmiseError("invalid_card", "expiration date cannot be in the past")


def _passes_luhn(digits: str) -> bool:
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    total = sum(map(int, digits[-1::-2])) + sum(value // 10 + value % 10 for value in doubled)
    return total % 10 == 0


def _challenge(digits: str) -> Challenge:
    if digits.startswith(_TEST_RANGES) and digits.endswith(_FAILING_CHALLENGE):
        return "always_fails"
    return "passable" if digits == _CHALLENGED else "none"


def _brand(digits: str) -> str:
    return next(
        (brand for prefixes, brand in _BRAND_PREFIXES if digits.startswith(prefixes)), "Unknown"
    )
