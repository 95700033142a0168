"""Signature Version 4: the same signature as botocore's signer makes."""

from __future__ import annotations

from datetime import UTC, datetime
from unittest import mock

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.aws.sigv4 import Credentials, Signer

HOSTS = ("kms.ap-southeast-1.amazonaws.com", "dynamodb.eu-west-1.amazonaws.com", "127.0.0.1:4566")
_VISIBLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
_TEXTS = st.text(_VISIBLE, min_size=1, max_size=40)
_MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31))  # noqa: DTZ001  # botocore's are naive


@settings(max_examples=500)
@given(
    signer=st.builds(
        Signer,
        st.sampled_from(["dynamodb", "kms", "secretsmanager", "states"]),
        st.sampled_from(["ap-southeast-1", "us-gov-west-1"]),
    ),
    host=st.sampled_from(HOSTS),
    target=_TEXTS,
    body=st.binary(max_size=300),
    keys=st.tuples(_TEXTS, _TEXTS, st.none() | _TEXTS),
    now=_MOMENTS,
)
def test_signatures_equal_botocores(  # each is a dimension of a request
    signer: Signer,
    host: str,
    target: str,
    body: bytes,
    keys: tuple[str, str, str | None],
    now: datetime,
) -> None:
    """For any service, body, credentials and second; on the default port and on another."""
    headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": target}
    ours = signer.headers(host, headers, body, Credentials(*keys), now.replace(tzinfo=UTC))

    request = AWSRequest("POST", f"http://{host}/", headers=headers, data=body)
    with mock.patch("botocore.auth.get_current_datetime", return_value=now):
        SigV4Auth(BotocoreCredentials(*keys), signer.service, signer.region).add_auth(request)
    theirs = {name.lower(): value for name, value in request.headers.items()}

    assert ours["x-amz-date"] == theirs["x-amz-date"]
    assert ours["authorization"] == theirs["authorization"]
    assert ours.get("x-amz-security-token") == theirs.get("x-amz-security-token")


def test_d02_credentials_do_not_show_themselves() -> None:
    """The secret is not in what a traceback or log line shows."""
    shown = repr(Credentials("AKIDEXAMPLE", "made-up", "token"))
    assert "made-up" not in shown
    assert "token" not in shown
