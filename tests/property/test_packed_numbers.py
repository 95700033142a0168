"""Packed numbers: what goes in comes out, small, and what is broken is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.adapters.packed_numbers import pack, unpack

numbers = st.integers(-(10**18), 10**18)


@given(st.lists(numbers))
def test_what_was_packed_is_unpacked(given_numbers: list[int]) -> None:
    """In order, signs and all."""
    assert list(unpack(pack(given_numbers))) == given_numbers


@pytest.mark.parametrize(
    ("number", "packed"),
    [(0, "00"), (-1, "01"), (1, "02"), (63, "7e"), (64, "8001"), (-64, "7f"), (150, "ac02")],
)
def test_numbers_are_packed_as_protocol_buffers_pack_them(number: int, packed: str) -> None:
    """Signed integers: zigzag, then base 128, the lowest bits first."""
    assert pack([number]).hex() == packed


@pytest.mark.parametrize(("number", "size"), [(0, 1), (8_000, 2), (1_800_000_000, 5)])
def test_small_numbers_are_short(number: int, size: int) -> None:
    """A grant with an expiry is some ten bytes."""
    assert len(pack([number])) == size


@given(st.lists(numbers, min_size=1))
def test_what_was_cut_off_is_refused_or_shorter(given_numbers: list[int]) -> None:
    """Nothing is made up of bytes that are missing."""
    try:
        left = list(unpack(pack(given_numbers)[:-1]))
    except ValueError:
        return
    assert left == given_numbers[:-1]


@given(st.binary(max_size=64))
def test_any_bytes_are_read_or_refused(packed: bytes) -> None:
    """Bounded, whatever somebody wrote into the table."""
    try:
        found = list(unpack(packed))
    except ValueError:
        return
    assert pack(found) == packed
    assert all(abs(number) < 2**70 for number in found)


def test_a_number_without_end_is_refused() -> None:
    """It would take up memory and time."""
    with pytest.raises(ValueError, match="too large"):
        list(unpack(b"\xff" * 1_000))
