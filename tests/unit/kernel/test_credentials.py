"""Credentials: the environment's own, or those of the server that it names (SnapStart)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from kernel import clock
from kernel.aws.credentials import CredentialsMissingError, RoleCredentials
from kernel.aws.sigv4 import Credentials
from kernel.clock import rfc3339
from tests.unit.kernel.http_service import Answer, Service, serving

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[Service]:
    """Hand out numbered credentials that are good for an hour."""
    with serving() as service:
        service.behaviour = lambda *_: Answer(200, handed_out(len(service.headers)))
        yield service


def handed_out(number: int) -> dict[str, str]:
    """Make credentials as the server has them."""
    return {
        "AccessKeyId": f"AKID{number}",
        "SecretAccessKey": "made-up",
        "Token": "a-session-token",
        "Expiration": rfc3339(NOW + timedelta(hours=number)),
    }


def environment(server: Service) -> dict[str, str]:
    """Name the server as Lambda does after a restore."""
    return {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{server.url}/credentials?of=function",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "show-me",
    }


def test_keys_in_the_environment_are_used_as_they_are() -> None:
    """With and without a session token."""
    given = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "made-up"}
    assert RoleCredentials(given)() == Credentials("AKID", "made-up")
    assert RoleCredentials({**given, "AWS_SESSION_TOKEN": "t"})().session_token == "t"


def test_a_server_is_asked_once_until_its_keys_expire(
    server: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fetched at the first need, and again five minutes before they end."""
    source = RoleCredentials(environment(server))
    for minutes, expected in ((0, "AKID1"), (54, "AKID1"), (56, "AKID2"), (57, "AKID2")):
        moment = NOW + timedelta(minutes=minutes)
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        assert source().access_key_id == expected
    assert {headers["authorization"] for headers in server.headers} == {"show-me"}


@pytest.mark.parametrize(
    "answer", [Answer(403, {}), Answer(200, {}), Answer(200, b"<html>"), Answer(200, [])]
)
def test_a_server_that_gives_none_is_told(server: Service, answer: Answer) -> None:
    """Not taken for an empty key."""
    server.behaviour = lambda *_: answer
    with pytest.raises(CredentialsMissingError):
        RoleCredentials(environment(server))()


@pytest.mark.parametrize(
    "uri", ["http://192.0.2.1/credentials", "ftp://localhost/", "http://localhost.example.com/"]
)
def test_the_token_is_shown_on_this_machine_only(uri: str) -> None:
    """Whatever the environment says, it goes to nobody else."""
    named = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": uri, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "t"}
    with pytest.raises(CredentialsMissingError, match="no server on this machine"):
        RoleCredentials(named)()


def test_an_environment_without_credentials_is_told() -> None:
    """Nothing is sent without a signature."""
    with pytest.raises(CredentialsMissingError):
        RoleCredentials({})()


def test_after_a_restore_credentials_are_those_of_the_new_environment(server: Service) -> None:
    """Given a client made before the snapshot, the keys of then are not used any more."""
    given = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "made-up"}
    source = RoleCredentials(given)
    assert source().access_key_id == "AKID"
    given.clear()
    given.update(environment(server))
    assert source().access_key_id == "AKID1"
