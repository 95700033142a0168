"""Who is asking: only a fresh, signed question to STS about exactly this request counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

import boto3
import pytest

from kernel.errors import TemporarilyUnavailableError
from kernel.operators.caller_identity import (
    PURPOSE_HEADER,
    VALID_FOR,
    CallerUnknownError,
    verified_caller,
)
from operator_cli.invocation import Services
from operator_cli.target import Target

ACCOUNT = "123456789012"
ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/Operator/somchai"
HASH = "a" * 64


def proof() -> str:
    """Sign a question as the command line does."""
    session = boto3.Session(
        aws_access_key_id="made-up", aws_secret_access_key="made-up", aws_session_token="made-up"
    )
    return Services(Target("Stack", "ap-southeast-1", None, session))._proof(HASH)


def changed(**values: str) -> str:
    """Return a proof with parameters changed or added."""
    return urlencode({**dict(parse_qsl(proof())), **values})


class Sts:
    """Plays STS, and remembers what it was sent."""

    def __init__(self, arn: str = ARN, status: int = 200) -> None:
        self._answer = (status, f"<R><Arn>{arn}</Arn><Account>{ACCOUNT}</Account></R>")
        self.sent: list[tuple[str, Mapping[str, str]]] = []

    def __call__(self, query: str, headers: Mapping[str, str]) -> tuple[int, str]:
        """Answer."""
        self.sent.append((query, headers))
        return self._answer


def asked(query: str, sts: Sts, later: timedelta = timedelta()) -> str:
    """Verify a proof."""
    return verified_caller(query, HASH, ACCOUNT, datetime.now(UTC) + later, sts)


def test_whoever_signed_is_named_by_sts() -> None:
    """Given a proof of the command line, STS gets it with the request's hash and names the ARN."""
    sts = Sts()
    signed = proof()
    assert asked(signed, sts) == ARN
    assert sts.sent == [(signed, {PURPOSE_HEADER: HASH})]


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("", id="nothing"),
        pytest.param(changed(Action="AssumeRole"), id="another action"),
        pytest.param(changed(Version="2010-01-01"), id="another version"),
        pytest.param(changed(RoleArn="arn:aws:iam::1:role/x"), id="a parameter more"),
        pytest.param(changed(**{"X-Amz-SignedHeaders": "host"}), id="the hash is not signed"),
        pytest.param(changed(**{"X-Amz-Date": "yesterday"}), id="no time"),
        pytest.param(f"{proof()}&Action=AssumeRole", id="a parameter twice"),
        pytest.param(changed(**{"X-Amz-Security-Token": "x" * 9_000}), id="too long"),
    ],
)
def test_nothing_else_is_ever_sent_to_sts(query: str) -> None:
    """Given anything but a signed GetCallerIdentity, it is refused here."""
    sts = Sts()
    with pytest.raises(CallerUnknownError):
        asked(query, sts)
    assert sts.sent == []


@pytest.mark.parametrize("later", [VALID_FOR + timedelta(seconds=2), -VALID_FOR * 2])
def test_an_old_proof_is_none(later: timedelta) -> None:
    """Given a proof that somebody kept, it is of no use after a few minutes."""
    with pytest.raises(CallerUnknownError):
        asked(proof(), Sts(), later)


@pytest.mark.parametrize(
    "sts",
    [
        pytest.param(Sts(status=403), id="a signature that does not hold"),
        pytest.param(Sts("arn:aws:iam::210987654321:user/stranger"), id="another account"),
        pytest.param(Sts("not an arn"), id="no ARN"),
    ],
)
def test_whom_sts_does_not_confirm_is_nobody(sts: Sts) -> None:
    """Given STS's refusal, or a stranger, nobody is named."""
    with pytest.raises(CallerUnknownError):
        asked(proof(), sts)


def test_a_silent_sts_is_no_refusal() -> None:
    """Given an error of STS's, asking again may help."""
    with pytest.raises(TemporarilyUnavailableError):
        asked(proof(), Sts(status=503))
