"""Cursors: what one list gives out, no other takes, and nothing that is made up is taken."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.pagination import InvalidCursorError, _check, decode_cursor, encode_cursor

SCOPE = "ledger usr_00000000000000000000"


def forged(payload: str) -> str:
    """Make a cursor as somebody does who has read this code: its check is no secret."""
    raw = payload.encode()
    return base64.urlsafe_b64encode(_check(SCOPE, raw) + raw).decode().rstrip("=")


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=20), min_size=1, max_size=3))
def test_a_cursor_leads_to_where_it_was_given_out(position: dict[str, str]) -> None:
    """In its own list; another user's or another filter's refuses it."""
    cursor = encode_cursor(SCOPE, position)
    assert decode_cursor(SCOPE, cursor) == position
    with pytest.raises(InvalidCursorError):
        decode_cursor(f"{SCOPE} type=spend", cursor)


@pytest.mark.parametrize(
    "payload", ["", "{", "{}", "[]", '["before"]', '"x"', "7", "null", '{"before":7}', "NaN"]
)
def test_a_forged_cursor_that_holds_no_position_is_refused(payload: str) -> None:
    """400, and no list has to look at what kind of value it got."""
    with pytest.raises(InvalidCursorError):
        decode_cursor(SCOPE, forged(payload))


@pytest.mark.parametrize("cursor", ["", "=", "é", "made-up", "A" * 1025])
def test_what_is_no_cursor_at_all_is_refused(cursor: str) -> None:
    """Empty, not base64, too long."""
    with pytest.raises(InvalidCursorError):
        decode_cursor(SCOPE, cursor)
