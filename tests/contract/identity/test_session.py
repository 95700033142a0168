"""`POST /v1/auth/refresh` and `POST /v1/auth/logout` on their table."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest

from identity.domain.refresh_tokens import RefreshToken
from kernel import clock
from kernel.errors import TemporarilyUnavailableError
from kernel.ids import new_id
from tests.contract.identity.recorded_calls import recorded_calls
from tests.unit.identity.local_keys import LocalKeys

Call = Callable[..., dict[str, Any]]
Items = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def user_id(call: Call) -> str:
    """Register the user that the events log in."""
    return str(call("identity_register/register")["json"]["id"])


@pytest.fixture
def first(call: Call, user_id: str) -> str:
    """Log in and return the session's first refresh token."""
    assert user_id
    return str(call("identity_login/login")["json"]["refresh_token"])


def refresh(call: Call, token: str) -> dict[str, Any]:
    """Send a refresh token."""
    return call("identity_session/refresh", body={"refresh_token": token})


def logout(call: Call, token: str, user_id: str | None) -> dict[str, Any]:
    """Log out as this user."""
    return call("identity_session/logout", body={"refresh_token": token}, user_id=user_id)


def assert_refused(response: dict[str, Any]) -> None:
    """The one answer for every token that opens no session."""
    assert (response["statusCode"], response["json"]["code"]) == (401, "invalid_refresh_token")


def move_clock(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """Move the clock on, once in a test."""
    moment = clock.now() + by
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_a_refresh_gives_what_a_login_gives(call: Call, first: str, user_id: str) -> None:
    """200, new tokens of the same user, and as long as at the login."""
    response = refresh(call, first)
    assert response["statusCode"] == 200
    tokens = response["json"]
    assert tokens["refresh_token"] != first
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 900)
    assert tokens["refresh_expires_in"] == 2_592_000
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    assert claims["sub"] == user_id


def test_a_refresh_is_one_write(call: Call, first: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One conditional write and no read; a repeat too."""
    made = recorded_calls(monkeypatch)
    refresh(call, first)
    refresh(call, first)
    assert made == ["UpdateItem", "UpdateItem"]


def test_a02_a_family_goes_on(call: Call, first: str) -> None:
    """Every successor is good for one more."""
    token = first
    for _ in range(5):
        token = refresh(call, token)["json"]["refresh_token"]
    assert refresh(call, token)["statusCode"] == 200


def test_a02_a_repeat_gets_the_same_successor(
    call: Call, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lost answer costs nothing: the same token again gives the same successor, which works."""
    successor = refresh(call, first)["json"]["refresh_token"]
    move_clock(monkeypatch, timedelta(seconds=29))
    repeated = refresh(call, first)
    assert repeated["json"]["refresh_token"] == successor
    assert repeated["json"]["refresh_expires_in"] < 2_592_000
    assert refresh(call, successor)["statusCode"] == 200


def test_a02_a_late_repeat_revokes_the_family(
    call: Call, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After 30 s a spent token means theft, and the thief's successor dies too."""
    successor = refresh(call, first)["json"]["refresh_token"]
    move_clock(monkeypatch, timedelta(seconds=31))
    assert_refused(refresh(call, first))
    assert_refused(refresh(call, successor))


def test_a02_a_repeat_after_the_successor_was_used_revokes_the_family(
    call: Call, first: str
) -> None:
    """Within the 30 s too."""
    second = refresh(call, first)["json"]["refresh_token"]
    third = refresh(call, second)["json"]["refresh_token"]
    assert_refused(refresh(call, first))
    assert_refused(refresh(call, third))


def test_a02_other_sessions_of_the_user_stay(call: Call, first: str) -> None:
    """A family is one login; another device is not logged out."""
    other = call("identity_login/login")["json"]["refresh_token"]
    second = refresh(call, first)["json"]["refresh_token"]
    refresh(call, second)
    assert_refused(refresh(call, first))
    assert refresh(call, other)["statusCode"] == 200


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize(
    "token",
    ["", "x", RefreshToken.first_of_new_family().text, f"rt_{'0' * 26}_{'A' * 43}"],
    ids=["empty", "malformed", "of no family", "of zeros"],
)
def test_unknown_tokens_are_refused(call: Call, token: str) -> None:
    """Malformed or made up: the same answer."""
    assert_refused(refresh(call, token))


def test_an_expired_session_is_refused(
    call: Call, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before DynamoDB's own clean-up has come by."""
    move_clock(monkeypatch, timedelta(days=30))
    assert_refused(refresh(call, first))


def test_a_failure_of_kms_costs_no_session(
    call: Call, first: str, keys: LocalKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token was spent, KMS did not sign: the same token again goes through."""

    def down(_key_id: str, _digest: bytes) -> bytes:
        raise TemporarilyUnavailableError("down")

    with monkeypatch.context() as outage:
        outage.setattr(keys, "sign", down)
        assert refresh(call, first)["statusCode"] == 503
    response = refresh(call, first)
    assert response["statusCode"] == 200
    assert refresh(call, response["json"]["refresh_token"])["statusCode"] == 200


def test_d02_neither_token_is_stored_in_clear(call: Call, first: str, items: Items) -> None:
    """Not the spent one, and not the successor that a repeat would get."""
    successor = refresh(call, first)["json"]["refresh_token"]
    stored = str(items())
    for token in (first, successor):
        assert token not in stored
        assert token.split("_", 2)[2] not in stored
        assert repr(RefreshToken.parse(token).secret) not in stored


def test_a02_a_reuse_is_a_security_event_without_the_token(
    call: Call, first: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Counted by reason; neither token nor family stands in the log."""
    second = refresh(call, first)["json"]["refresh_token"]
    refresh(call, second)
    refresh(call, first)
    written = capsys.readouterr().out
    assert '"RefreshTokenRefused"' in written
    assert re.search('"reason": ?"reused"', written)
    assert first.split("_", 2)[1] not in written
    assert first.split("_", 2)[2] not in written


def test_logout_ends_the_session(call: Call, first: str, user_id: str) -> None:
    """204 without a body, and the family is gone."""
    response = logout(call, first, user_id)
    assert (response["statusCode"], response["body"]) == (204, "")
    assert_refused(refresh(call, first))


def test_logout_by_a_spent_token_ends_the_session(call: Call, first: str, user_id: str) -> None:
    """The family counts, not which of its tokens is shown."""
    successor = refresh(call, first)["json"]["refresh_token"]
    assert logout(call, first, user_id)["statusCode"] == 204
    assert_refused(refresh(call, successor))


def test_logout_twice_is_fine(call: Call, first: str, user_id: str) -> None:
    """204 again."""
    assert [logout(call, first, user_id)["statusCode"] for _ in range(2)] == [204, 204]


def test_p01_a_foreign_token_is_not_revoked(call: Call, first: str) -> None:
    """Another user gets 204 too, and the session goes on."""
    assert logout(call, first, new_id("usr"))["statusCode"] == 204
    assert refresh(call, first)["statusCode"] == 200


@pytest.mark.parametrize("token", ["", "x", f"rt_{'0' * 26}_{'A' * 43}"])
def test_logout_of_an_unknown_token_is_fine(call: Call, user_id: str, token: str) -> None:
    """204 for what is no token, and nothing is stored for it."""
    assert logout(call, token, user_id)["statusCode"] == 204


def test_p03_logout_without_a_confirmed_user_is_refused(call: Call, first: str) -> None:
    """No authorizer, no logout."""
    response = logout(call, first, None)
    assert (response["statusCode"], response["json"]["code"]) == (401, "unauthorized")
    assert refresh(call, first)["statusCode"] == 200


@pytest.mark.parametrize("body", [{}, {"refresh_token": 1}, {"refresh_token": "x", "user_id": "y"}])
@pytest.mark.parametrize("name", ["identity_session/refresh", "identity_session/logout"])
def test_p02_other_bodies_are_refused(call: Call, name: str, body: dict[str, object]) -> None:
    """One member, a string, and no other."""
    response = call(name, body=body)
    assert (response["statusCode"], response["json"]["code"]) == (422, "validation_failed")
