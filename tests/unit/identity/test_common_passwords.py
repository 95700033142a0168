"""The bundled list: large, compact, sorted, and read in place."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from identity.adapters import common_passwords
from identity.adapters.common_passwords import RECORD_BYTES, is_common

FILE = Path(common_passwords.__file__).with_name("common_passwords.bin")


def test_a04_the_list_is_large_and_the_file_compact() -> None:
    """Tens of thousands of passwords in less than half a megabyte."""
    size = FILE.stat().st_size
    assert size % RECORD_BYTES == 0
    assert size // RECORD_BYTES > 40_000
    assert size < 500_000


def test_a04_the_records_are_sorted_and_unique() -> None:
    """A binary search finds every record."""
    data = FILE.read_bytes()
    records = [data[start : start + RECORD_BYTES] for start in range(0, len(data), RECORD_BYTES)]
    assert all(before < after for before, after in pairwise(records))


def test_a04_a_look_up_touches_few_places() -> None:
    """Of 50,000 records no more than 18 are read."""
    records = common_passwords._records()
    read: list[int] = []

    class Watched(common_passwords._Records):
        def __getitem__(self, index: int) -> bytes:
            read.append(index)
            return super().__getitem__(index)

    watched = Watched(records._mapped)
    assert common_passwords._holds(watched, "passwordpassword")
    assert len(read) <= 18


@settings(deadline=None)
@given(st.text(min_size=15, max_size=40, alphabet=st.characters(min_codepoint=0x10000)))
def test_a04_uncommon_passwords_are_not_on_it(password: str) -> None:
    """A random one is taken for a common one less than once in 10^9 times."""
    assert not is_common(password)
