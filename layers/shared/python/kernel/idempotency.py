"""Idempotency keys (IETF draft-ietf-httpapi-idempotency-key-header).

There is no store of keys: the id of the record that a request creates is derived from user,
route and key, and the record keeps the request's fingerprint. A repeated key so finds the record
itself, and what cannot be created twice cannot happen twice.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping

from kernel.errors import DomainError

HEADER = "idempotency-key"
REPLAYED_HEADER = "Idempotent-Replayed"
_BARE = re.compile(r"[\x20-\x7e]{1,255}")
_QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')


class IdempotencyKeyMissingError(DomainError):
    """The route needs an Idempotency-Key and got none."""

    code = "idempotency_key_missing"


class IdempotencyKeyInvalidError(DomainError):
    """The Idempotency-Key is not 1 to 255 printable ASCII characters."""

    code = "idempotency_key_invalid"


class IdempotencyKeyReusedError(DomainError):
    """The key was used before, for another request."""

    code = "idempotency_key_reused"


def key_of(headers: Mapping[str, str]) -> str:
    """Read the key of a request; `"k"` and `k` are one key.

    Raises
    ------
    IdempotencyKeyMissingError
        If there is no such header.
    IdempotencyKeyInvalidError
        If it is empty, too long or not printable ASCII.
    """
    raw = headers.get(HEADER)
    if raw is None:
        raise IdempotencyKeyMissingError("Send an Idempotency-Key header with a unique value.")
    raw = raw.strip()
    quoted = _QUOTED.fullmatch(raw)
    key = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else raw
    if not _BARE.fullmatch(key):
        raise IdempotencyKeyInvalidError(
            "The Idempotency-Key must be 1 to 255 printable ASCII characters."
        )
    return key


def fingerprint(request: Mapping[str, object]) -> str:
    """Hash what a request asks for, independent of spelling.

    Two requests with the same fingerprint ask for the same thing, whatever their white space or
    the order of their members.
    """
    canonical = json.dumps(request, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def verify_fingerprint(stored: str, request_fingerprint: str) -> None:
    """Make sure that a repeated key came with the same request.

    Raises
    ------
    IdempotencyKeyReusedError
        If the request is another one.
    """
    if stored != request_fingerprint:
        raise IdempotencyKeyReusedError("This Idempotency-Key was used for another request.")
