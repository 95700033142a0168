"""Opaque, prefixed, unguessable identifiers: `usr_…`, `pur_…`, `run_…`."""

from __future__ import annotations

import hashlib
import re
import secrets

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LENGTH = 26  # 62^26 > 2^154
_PATTERN = re.compile(r"[a-z]{3}_[0-9A-Za-z]{20,40}")
_SEPARATOR = b"\x1f"


def new_id(prefix: str) -> str:
    """Make a random identifier with 154 bits of entropy."""
    return f"{prefix}_{''.join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))}"


def derived_id(prefix: str, *parts: str) -> str:
    """Make the one identifier that belongs to these parts, the same at every call.

    A retry with the same parts means the same record. The parts are hashed with their lengths,
    so no two different lists of parts collide; with one unguessable part the identifier is
    unguessable too.
    """
    digest = hashlib.sha256()
    for part in (prefix, *parts):
        encoded = part.encode()
        digest.update(str(len(encoded)).encode() + _SEPARATOR + encoded)
    return f"{prefix}_{_base62(int.from_bytes(digest.digest(), 'big'))}"


def is_id(prefix: str, value: str) -> bool:
    """Tell whether a value has the form of an identifier with this prefix."""
    return value.startswith(f"{prefix}_") and _PATTERN.fullmatch(value) is not None


def _base62(number: int) -> str:
    characters = []
    for _ in range(_LENGTH):
        number, index = divmod(number, len(_ALPHABET))
        characters.append(_ALPHABET[index])
    return "".join(characters)
