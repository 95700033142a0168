"""Signature Version 4: the same signature as botocore's signer makes."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity.adapters.sigv4 import Credentials, Signer

NOW = datetime(2026, 4, 30, 23, 59, 59, tzinfo=UTC)
_TIMESTAMP = NOW.strftime("%Y%m%dT%H%M%SZ")
_DATE_AT_BOTOCORE = "botocore.auth.get_current_datetime"


def botocores_headers(
    monkeypatch: pytest.MonkeyPatch, url: str, headers: dict[str, str], body: bytes, token: str
) -> dict[str, str]:
    """Sign the same request with botocore at the same time."""
    monkeypatch.setattr(_DATE_AT_BOTOCORE, lambda *_args, **_kwargs: NOW.replace(tzinfo=None))
    request = AWSRequest("POST", url, headers=headers, data=body)
    credentials = BotocoreCredentials("AKIDEXAMPLE", "made-up", token or None)
    SigV4Auth(credentials, "kms", "ap-southeast-1").add_auth(request)
    return {name.lower(): value for name, value in request.headers.items()}


@pytest.mark.parametrize("host", ["kms.ap-southeast-1.amazonaws.com", "127.0.0.1:4566"])
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200), token=st.sampled_from(["", "a-session-token"]))
def test_signatures_equal_botocores(
    monkeypatch: pytest.MonkeyPatch, host: str, body: bytes, token: str
) -> None:
    """For any body, with and without a session token, on the default port and on another."""
    headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": "TrentService.Sign"}
    credentials = Credentials("AKIDEXAMPLE", "made-up", token or None)
    ours = Signer("kms", "ap-southeast-1", credentials).headers(host, headers, body, NOW)
    theirs = botocores_headers(monkeypatch, f"http://{host}/", headers, body, token)
    assert ours["x-amz-date"] == theirs["x-amz-date"] == _TIMESTAMP
    assert ours["authorization"] == theirs["authorization"]
    assert ours.get("x-amz-security-token") == theirs.get("x-amz-security-token")


def test_d02_credentials_do_not_show_themselves() -> None:
    """The secret is not in what a traceback or log line shows."""
    shown = repr(Signer("kms", "ap-southeast-1", Credentials("AKIDEXAMPLE", "made-up", "token")))
    assert not re.search("made-up|token", shown)
