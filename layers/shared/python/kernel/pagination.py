"""Cursors: opaque positions in one list of one user."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from kernel.errors import DomainError
from kernel.query import Query

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
_MAX_CURSOR_LENGTH = 1024
_CHECK_LENGTH = 16


class InvalidCursorError(DomainError):
    """The cursor was not issued by this list for this user."""

    code = "invalid_cursor"


@dataclass(frozen=True, slots=True)
class Page:
    """What part of a list is asked for."""

    limit: int
    after: Mapping[str, str] | None


def encode_cursor(scope: str, position: Mapping[str, str]) -> str:
    """Make the cursor for a position.

    Parameters
    ----------
    scope
        The list, its filters and its user; a cursor of another scope is refused. The cursor
        grants nothing: keys of another user are never read, whatever a cursor says.
    position
        The key of the last item shown.
    """
    payload = json.dumps(position, sort_keys=True, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_check(scope, payload) + payload).decode().rstrip("=")


def decode_cursor(scope: str, cursor: str) -> dict[str, str]:
    """Read the position out of a cursor.

    Raises
    ------
    InvalidCursorError
        If it was not made by `encode_cursor` with this scope.
    """
    try:
        return _position(json.loads(_payload(scope, cursor)))
    except (ValueError, binascii.Error):
        raise InvalidCursorError("The cursor was not issued by this list.") from None


def page_of(query: Query, scope: str) -> Page:
    """Read `limit` and `cursor` of a list request; the last to read, since it verifies the query.

    Raises
    ------
    ValidationFailedError
        If `limit` is no integer from 1 to 100, or anything else in the query is not valid.
    InvalidCursorError
        If the cursor belongs to another list.
    """
    limit = query.integer("limit", low=1, high=MAX_LIMIT, default=DEFAULT_LIMIT)
    cursor = query.text("cursor")
    query.verify()
    return Page(limit, decode_cursor(scope, cursor) if cursor is not None else None)


def _payload(scope: str, cursor: str) -> bytes:
    if len(cursor) > _MAX_CURSOR_LENGTH:
        raise ValueError(cursor)
    raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    check, payload = raw[:_CHECK_LENGTH], raw[_CHECK_LENGTH:]
    if check != _check(scope, payload):
        raise ValueError(cursor)
    return payload


def _position(value: object) -> dict[str, str]:
    """Let only what a position may be through: the check of a cursor is no secret."""
    if not isinstance(value, dict) or not value:
        raise ValueError("not a position")
    if not all(isinstance(part, str) for part in value.values()):
        raise ValueError("not a position")
    return value


def _check(scope: str, payload: bytes) -> bytes:
    return hashlib.sha256(scope.encode() + b"\x00" + payload).digest()[:_CHECK_LENGTH]
