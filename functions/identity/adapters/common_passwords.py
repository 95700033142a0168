"""The bundled list of common passwords, looked up where it lies in the file.

`common_passwords.bin` holds the sorted, truncated SHA-256 hashes of tens of thousands of passwords
of 15 characters or more; shorter ones are refused anyway. `tools/common_passwords.py` makes it and
says what is on it; `COMMON_PASSWORDS.md` names the source and its licence. A look-up maps the file
and touches about 16 places of it. With 48 bits of hash, an honest password is taken for a common
one once in 10^9 times.
"""

from __future__ import annotations

import hashlib
import mmap
from bisect import bisect_left
from functools import cache
from pathlib import Path
from typing import Final

RECORD_BYTES: Final = 6
_FILE: Final = Path(__file__).with_name("common_passwords.bin")


def is_common(folded_password: str) -> bool:
    """Tell whether a folded password (`email_address.folded`) is on the list."""
    return _holds(_records(), folded_password)


def record_of(folded_password: str) -> bytes:
    """Return what the list holds for a password."""
    return hashlib.sha256(folded_password.encode()).digest()[:RECORD_BYTES]


class _Records:
    """The records of a mapped file, of which only those that are asked for are read."""

    def __init__(self, mapped: mmap.mmap) -> None:
        self._mapped = mapped

    def __len__(self) -> int:
        return len(self._mapped) // RECORD_BYTES

    def __getitem__(self, index: int) -> bytes:
        return self._mapped[index * RECORD_BYTES : (index + 1) * RECORD_BYTES]


@cache
def _records() -> _Records:
    with _FILE.open("rb") as file:
        return _Records(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def _holds(records: _Records, folded_password: str) -> bool:
    wanted = record_of(folded_password)
    position = bisect_left(records, wanted)
    return position < len(records) and records[position] == wanted
