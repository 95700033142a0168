"""Refresh tokens: opaque, hashed, and each the only key to its successor."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.domain.refresh_tokens import InvalidRefreshTokenError, RefreshToken


def test_a_token_survives_the_wire() -> None:
    """What is sent is read back as the same token."""
    token = RefreshToken.first_of_new_family()
    assert RefreshToken.parse(token.text) == token


@settings(deadline=None)
@given(st.text(max_size=100) | st.from_regex(r"rt_[0-9A-Za-z]{20,30}_[0-9A-Za-z_-]{40,45}"))
def test_any_text_is_a_token_or_refused(text: str) -> None:
    """Nothing but the refusal is ever raised, and no two texts are one token."""
    try:
        token = RefreshToken.parse(text)
    except InvalidRefreshTokenError:
        return
    assert RefreshToken.parse(token.text) == token


def test_only_the_spent_token_opens_its_successor() -> None:
    """The seal needs the token itself, which the store does not have."""
    token = RefreshToken.first_of_new_family()
    successor = token.successor()
    sealed = token.seal(successor)
    assert token.unseal(sealed) == successor
    for stranger in (successor, token.successor(), RefreshToken.first_of_new_family()):
        with pytest.raises(InvalidRefreshTokenError):
            stranger.unseal(sealed)


def test_the_seal_shows_nothing_of_the_successor() -> None:
    """Neither the secret nor the token's text is in what is stored, nor twice the same."""
    token = RefreshToken.first_of_new_family()
    successor = token.successor()
    assert successor.secret not in token.seal(successor)
    assert token.seal(successor) != token.seal(successor)


def test_d02_a_token_does_not_show_itself() -> None:
    """A token in a log line or traceback is not readable."""
    token = RefreshToken.first_of_new_family()
    for shown in (repr(token), str(token), f"{[token]}"):
        assert token.text not in shown
        assert repr(token.secret) not in shown


def test_successors_are_of_the_same_family_and_never_alike() -> None:
    """Every successor is fresh."""
    token = RefreshToken.first_of_new_family()
    successors = {token.successor().text for _ in range(100)}
    assert len(successors) == 100
    assert {RefreshToken.parse(text).family_id for text in successors} == {token.family_id}
