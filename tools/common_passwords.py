r"""Makes the list of common passwords that registering refuses.

    PYTHONPATH=functions:layers/shared/python \
        uv run --with zxcvbn==4.5.0 python tools/common_passwords.py

Passwords need 15 characters, so the entries of a usual list can hardly ever match: what people do
with them is to write them twice, or to run along the keyboard for longer. The list therefore holds,
folded and from 15 characters on:

- the entries of zxcvbn's list of 30,000 common passwords, and words and names of that length;
- every shorter entry, repeated until it is long enough;
- the most common ones, and single characters, repeated and cut at 15 to 20 characters;
- the very most common ones in pairs;
- runs along alphabet, digits and keyboard, forwards and backwards, from any place.

Nothing but the hashes is kept. The same source gives the same file, byte for byte.
"""
# a script, not a module of a package

from __future__ import annotations

import itertools
import string
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from zxcvbn.frequency_lists import (  # type: ignore[import-not-found, import-untyped, unused-ignore]  # only this tool needs it
    FREQUENCY_LISTS,
)

from identity.adapters.common_passwords import record_of
from identity.domain.email_address import folded
from identity.domain.password_policy import MAX_LENGTH, MIN_LENGTH

TARGET: Final = Path("functions/identity/adapters/common_passwords.bin")
_MOST_COMMON: Final = 2000
_PAIRED: Final = 150
_CUTS: Final = range(15, 21)
_CHARACTERS: Final = string.ascii_lowercase + string.digits + string.punctuation + " "
_RUNS: Final = (
    "abcdefghijklmnopqrstuvwxyz" * 2,
    "1234567890" * 4,
    "0123456789" * 4,
    "qwertyuiopasdfghjklzxcvbnm" * 2,
    "qwertzuiopasdfghjklyxcvbnm" * 2,
    "azertyuiopqsdfghjklmwxcvbn" * 2,
    "1234567890qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "a1b2c3d4e5f6g7h8i9j0",
    "1a2b3c4d5e6f7g8h9i0j",
    "qazwsxedcrfvtgbyhnujmikolp",
    "!@#$%^&*()_+" * 2,
)


def main() -> None:
    """Write the file and say how many passwords are on it."""
    passwords = {text for text in map(folded, _all()) if MIN_LENGTH <= len(text) <= MAX_LENGTH}
    records = sorted({record_of(password) for password in passwords})
    TARGET.write_bytes(b"".join(records))
    print(f"{len(records)} passwords, {TARGET.stat().st_size} bytes")  # a command


def _all() -> Iterator[str]:
    entries = list(FREQUENCY_LISTS["passwords"])
    for words in FREQUENCY_LISTS.values():
        yield from words
    yield from (entry * -(-MIN_LENGTH // len(entry)) for entry in entries)
    yield from _cut([*_CHARACTERS, *entries[:_MOST_COMMON]])
    yield from map("".join, itertools.product(entries[:_PAIRED], repeat=2))
    yield from _runs()


def _cut(entries: Iterable[str]) -> Iterator[str]:
    for entry, length in itertools.product(entries, _CUTS):
        yield (entry * length)[:length]


def _runs() -> Iterator[str]:
    for run in _RUNS:
        for text in (run, run[::-1]):
            for start, end in itertools.combinations(range(len(text) + 1), 2):
                yield text[start:end]


if __name__ == "__main__":
    main()
