"""The life of a charge, as a function of what happens to it: no server, no store."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.omise_sandbox import charge as lifecycle
from local.omise_sandbox.charge import Charge
from local.omise_sandbox.errors import OmiseError
from local.omise_sandbox.records import Card

NOW = 1_800_000_000
CARD = Card(
    id="card_test_1",
    created_at=NOW,
    brand="Visa",
    last_digits="4242",
    name="Somchai Prasert",
    expiration_month=12,
    expiration_year=2099,
    city=None,
    postal_code=None,
    failure_code=None,
    challenge="none",
)
HELD = Charge(
    id="chrg_test_1",
    created_at=NOW,
    amount=30_000,
    currency="THB",
    capture=False,
    expires_at=NOW + 3_600,
    card=CARD,
    metadata={},
    authorized=True,
)
PAID = lifecycle.capture(HELD, None, NOW)
WAITING = replace(HELD, authorized=False)

amounts = st.integers(min_value=2_000, max_value=15_000_000)


@given(amount=amounts, refunds=st.lists(st.integers(min_value=-1, max_value=16_000_000)))
def test_refunds_never_exceed_what_was_charged(amount: int, refunds: list[int]) -> None:
    """Given any refunds, then those that are taken add up to the charge at most."""
    charge, taken = replace(PAID, amount=amount, captured=amount), 0
    for refund in refunds:
        with suppress(OmiseError):
            charge = lifecycle.refund(charge, refund)
            taken += refund
    assert 0 <= taken == charge.refunded <= amount


@given(
    st.lists(st.sampled_from(["approve", "decline", "expire", "capture", "reverse"]), max_size=8)
)
def test_money_moves_at_most_once(changes: list[str]) -> None:
    """Given any changes in any order, then a charge reaches one end and stays there."""
    apply: dict[str, Callable[[Charge], Charge]] = {
        "approve": lambda it: lifecycle.approve(it, NOW),
        "decline": lambda it: lifecycle.decline(it, "payment_rejected"),
        "expire": lambda it: lifecycle.expire(it, NOW),
        "capture": lambda it: lifecycle.capture(it, None, NOW),
        "reverse": lambda it: lifecycle.reverse(it, NOW),
    }
    charge = WAITING
    for change in changes:
        before = charge
        try:
            charge = apply[change](charge)
        except OmiseError:
            continue
        assert before.status == "pending"
        assert charge.paid == (charge.status == "successful")


@pytest.mark.parametrize(
    ("charge", "fee", "vat"),
    [
        (replace(PAID, amount=100_000, captured=5_000), 183, 13),
        (replace(PAID, amount=100_000, captured=3_000), 110, 8),
        (replace(PAID, amount=156_000, captured=None, card=None), 2_574, 180),
    ],
)
def test_fees_are_those_of_recorded_charges(charge: Charge, fee: int, vat: int) -> None:
    """Given charges that Omise has made, then fee and VAT come out the same."""
    assert (charge.fee, charge.fee_vat) == (fee, vat)


@pytest.mark.parametrize("amount", [0, -1, 30_001])
def test_a_capture_takes_no_more_than_is_held(amount: int) -> None:
    """Given an amount out of bounds, then nothing is captured."""
    with pytest.raises(OmiseError) as refusal:
        lifecycle.capture(HELD, amount, NOW)
    assert refusal.value.code == "failed_capture"


def test_a_refusal_tells_why() -> None:
    """Given a charge of another method, and one for less, then the reasons differ."""
    with pytest.raises(OmiseError, match="charge is not refundable"):
        lifecycle.refund(replace(PAID, card=None), 2_000)
    with pytest.raises(OmiseError, match="greater than the refundable amount"):
        lifecycle.refund(PAID, 30_001)


def test_a_disputed_charge_is_not_refundable() -> None:
    """Given a dispute, then the money is the bank's to give back."""
    assert replace(PAID, disputed=True).refundable_amount == 0
