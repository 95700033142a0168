"""Sessions: a spent token that comes back is a repeat or a theft."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from identity.domain.refresh_tokens import InvalidRefreshTokenError, RefreshToken
from identity.domain.sessions import (
    GRACE,
    RefreshTokenReusedError,
    Rotation,
    Session,
    repeated_successor,
)

NOW = datetime(2026, 4, 30, 12, tzinfo=UTC)
FIRST = RefreshToken.first_of_new_family()
SECOND = FIRST.successor()


def renewed(spent: RefreshToken = FIRST, successor: RefreshToken = SECOND) -> Session:
    """Return a session of which a token was spent now."""
    rotation = Rotation(spent.digest, NOW, spent.seal(successor))
    expires_at = NOW + timedelta(days=30)
    return Session(spent.family_id, "usr_example", successor.digest, expires_at, rotation)


@pytest.mark.parametrize("age", [timedelta(seconds=-1), timedelta(0), GRACE])
def test_a02_a_repeat_within_the_grace_gets_the_same_successor(age: timedelta) -> None:
    """The answer was lost, or two tabs renewed at once, perhaps by clocks that differ."""
    assert repeated_successor(renewed(), FIRST, NOW + age) == SECOND


def test_a02_a_repeat_after_the_grace_is_a_reuse() -> None:
    """After 30 s nobody waits for a lost answer."""
    with pytest.raises(RefreshTokenReusedError):
        repeated_successor(renewed(), FIRST, NOW + GRACE + timedelta(milliseconds=1))


def test_a02_a_repeat_after_the_successor_was_used_is_a_reuse() -> None:
    """Who has used the successor had the answer, so it is another who repeats."""
    with pytest.raises(RefreshTokenReusedError):
        repeated_successor(renewed(SECOND, SECOND.successor()), FIRST, NOW)


def test_a02_an_unknown_token_of_a_known_family_is_a_reuse() -> None:
    """The family's id is as secret as its tokens."""
    never_renewed = dataclasses.replace(renewed(), rotation=None)
    with pytest.raises(RefreshTokenReusedError):
        repeated_successor(never_renewed, FIRST, NOW)


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"revoked_at": NOW}, "revoked"), ({"expires_at": NOW}, "expired")],
)
def test_a02_a_session_that_is_over_stays_over(change: dict[str, datetime], reason: str) -> None:
    """Neither a revoked nor an expired session has a grace."""
    session = dataclasses.replace(renewed(), **change)  # type: ignore[arg-type]  # either field
    with pytest.raises(InvalidRefreshTokenError) as refusal:
        repeated_successor(session, FIRST, NOW)
    assert refusal.value.reason == reason
    assert not isinstance(refusal.value, RefreshTokenReusedError)
