"""Omise's secret in Secrets Manager."""

from __future__ import annotations

import base64
import json

import boto3
import pytest

from billing.adapters.secrets import OmiseSecretReader
from kernel.errors import TemporarilyUnavailableError

FIRST, SECOND = (base64.b64encode(word).decode() for word in (b"first", b"second"))
ACCOUNT = {
    "api_url": "https://api.example.com",
    "secret_key": "skey_test_example",
    "webhook_secrets": [FIRST],
}


class Clock:
    """Seconds that a test advances."""

    now = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def stored(account: object) -> str:
    """Put a secret and return its ARN."""
    text = account if isinstance(account, str) else json.dumps(account)
    return boto3.client("secretsmanager").create_secret(Name="omise", SecretString=text)["ARN"]


def rotated(arn: str, account: object) -> None:
    """Put a new value."""
    boto3.client("secretsmanager").put_secret_value(SecretId=arn, SecretString=json.dumps(account))


@pytest.mark.usefixtures("aws")
def test_the_secret_is_read_and_kept() -> None:
    """A change is seen after a minute, not at once."""
    arn = stored(ACCOUNT)
    reader = OmiseSecretReader(arn)
    secrets = reader.current()
    assert secrets.api_url == "https://api.example.com/"
    assert secrets.webhook_secrets == (b"first",)
    rotated(arn, ACCOUNT | {"secret_key": "skey_test_other"})
    assert reader.current() == secrets


@pytest.mark.usefixtures("aws")
def test_w05_a_rotation_is_picked_up_when_asked_for_but_not_too_often() -> None:
    """Strangers who send wrong signatures cause one look-up in ten seconds."""
    clock = Clock()
    arn = stored(ACCOUNT)
    reader = OmiseSecretReader(arn, monotonic=clock)
    reader.current()
    rotated(arn, ACCOUNT | {"webhook_secrets": [SECOND, FIRST]})
    refreshed = reader.refreshed()
    assert refreshed is not None
    assert refreshed.webhook_secrets == (b"second", b"first")
    assert reader.current() == refreshed
    assert reader.refreshed() is None
    clock.now = 10.0
    assert reader.refreshed() == refreshed


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    "webhook_secrets", [[], [""], ["not base64!"], ["", "="]], ids=["none", "empty", "no", "odd"]
)
def test_w03_an_empty_or_broken_webhook_secret_is_none(webhook_secrets: list[str]) -> None:
    """Nothing can be verified with it."""
    arn = stored(ACCOUNT | {"webhook_secrets": webhook_secrets})
    assert OmiseSecretReader(arn).current().webhook_secrets == ()


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(("key", "live"), [("skey_test_x", False), ("skey_x", True)])
def test_w09_the_key_says_whether_money_is_real(key: str, *, live: bool) -> None:
    """No setting can say otherwise."""
    assert OmiseSecretReader(stored(ACCOUNT | {"secret_key": key})).current().livemode is live


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    "broken",
    [
        "no json",
        [],
        {},
        ACCOUNT | {"secret_key": ""},
        ACCOUNT | {"api_url": "ftp://example.com"},
        ACCOUNT | {"webhook_secrets": 5},
    ],
)
def test_a_broken_secret_is_temporary_and_not_shown(
    broken: object, capsys: pytest.CaptureFixture[str]
) -> None:
    """The operator has not filled it in yet; nothing of it gets into a log."""
    with pytest.raises(TemporarilyUnavailableError):
        OmiseSecretReader(stored(broken)).current()
    assert "skey" not in capsys.readouterr().out


@pytest.mark.usefixtures("aws")
def test_a_missing_secret_is_temporary() -> None:
    """Secrets Manager may be out of reach."""
    with pytest.raises(TemporarilyUnavailableError):
        OmiseSecretReader("arn:aws:secretsmanager:ap-southeast-1:123456789012:secret:x").current()


@pytest.mark.usefixtures("aws")
def test_d02_secrets_do_not_show_themselves() -> None:
    """Not in a log line that prints the object either."""
    shown = repr(OmiseSecretReader(stored(ACCOUNT)).current())
    assert "skey" not in shown
    assert "first" not in shown
