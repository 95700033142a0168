"""Who invokes a function, as AWS itself says.

Lambda does not tell a function who invoked it. So the caller signs a request to STS's
`GetCallerIdentity` and hands it in, unsent; the function sends it, and STS answers with the ARN of
whoever holds the key. HashiCorp Vault's AWS authentication and `aws-iam-authenticator` do the same.
The signature covers a header with the hash of what is asked for: a proof that somebody got hold of
is good for that one request alone, and for a few minutes.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from kernel.aws.json_api import Service
from kernel.errors import TemporarilyUnavailableError
from kernel.observability import logger

if TYPE_CHECKING:
    from urllib3 import PoolManager

PURPOSE_HEADER: Final = "x-credit-engine-request"
ACTION: Final = {"Action": "GetCallerIdentity", "Version": "2011-06-15"}
VALID_FOR: Final = timedelta(minutes=5)
_SIGNED_HEADERS: Final = f"host;{PURPOSE_HEADER}"
_SIGNATURE: Final = frozenset(
    {
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-Security-Token",
        "X-Amz-Signature",
        "X-Amz-SignedHeaders",
    }
)
_MAX_PROOF_LENGTH: Final = 8_192  # a role's session token alone has up to some 4,000 characters
_ARN: Final = re.compile(
    r"<Arn>(arn:aws[a-z-]*:(?:iam|sts)::([0-9]{12}):[\w+=,.@/:-]{1,512})</Arn>"
)
_SERVICE: Final = Service(
    "sts", "STS", "AWSSecurityTokenServiceV20110615", "", "AWS_ENDPOINT_URL_STS"
)
_CONNECT_SECONDS: Final = 1
_READ_SECONDS: Final = 3
_FIRST_SERVER_ERROR: Final = 500
_OK: Final = 200

Send = Callable[[str, Mapping[str, str]], tuple[int, str]]


class CallerUnknownError(Exception):
    """Nobody, or nobody of this account, stands behind a request."""


def send_to_sts(query: str, headers: Mapping[str, str]) -> tuple[int, str]:
    """Send a signed request to this region's STS, wherever that is; give status and body.

    Raises
    ------
    TemporarilyUnavailableError
        If STS cannot be reached.
    """
    from urllib3 import Timeout  # noqa: PLC0415  # costs a cold start
    from urllib3.exceptions import HTTPError  # noqa: PLC0415  # as above

    timeout = Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS)
    try:
        response = _pool().request(
            "GET", f"{_endpoint()}/?{query}", headers=headers, redirect=False, timeout=timeout
        )
    except HTTPError as error:
        logger.warning("sts unreachable", extra={"error": type(error).__name__})
        raise TemporarilyUnavailableError("The caller cannot be verified now.") from error
    return response.status, response.data.decode(errors="replace")


def verified_caller(
    proof: str, request_hash: str, account_id: str, now: datetime, send: Send = send_to_sts
) -> str:
    """Return the ARN of whoever signed a proof for a request.

    Parameters
    ----------
    proof
        The query of a presigned `GetCallerIdentity` request.
    request_hash
        What the signature must cover, beside the host.
    account_id
        Whose callers are let in.
    now
        The time.
    send
        Sends the request to STS.

    Raises
    ------
    CallerUnknownError
        If the proof is none, is too old, is for something else, or is of another account.
    TemporarilyUnavailableError
        If STS does not answer.
    """
    _verify_form(proof, now)
    status, body = send(proof, {PURPOSE_HEADER: request_hash})
    if status >= _FIRST_SERVER_ERROR:
        raise TemporarilyUnavailableError("The caller cannot be verified now.")
    found = _ARN.search(body)
    if status != _OK or found is None:
        raise CallerUnknownError("STS does not confirm the signature")
    if found[2] != account_id:
        raise CallerUnknownError("the caller is of another account")
    return str(found[1])


def _verify_form(proof: str, now: datetime) -> None:
    """Let only a signed GetCallerIdentity through: nothing else is ever sent for a stranger."""
    pairs = parse_qsl(proof[:_MAX_PROOF_LENGTH], keep_blank_values=True)
    values = dict(pairs)
    if len(proof) > _MAX_PROOF_LENGTH or len(values) != len(pairs):
        raise CallerUnknownError("not a proof")
    if values.keys() - _SIGNATURE != ACTION.keys() or ACTION.items() - values.items():
        raise CallerUnknownError("not a GetCallerIdentity request")
    if values.get("X-Amz-SignedHeaders") != _SIGNED_HEADERS:
        raise CallerUnknownError("the signature does not cover the request")
    if abs(now - _signed_at(values.get("X-Amz-Date", ""))) > VALID_FOR:
        raise CallerUnknownError("the proof is too old")


def _signed_at(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise CallerUnknownError("the proof has no time") from None


@functools.cache
def _pool() -> PoolManager:
    from urllib3 import PoolManager, Retry  # noqa: PLC0415  # costs a cold start

    return PoolManager(retries=Retry(2, redirect=False, backoff_factor=0.1))


def _endpoint() -> str:
    region = os.environ.get("AWS_REGION") or os.environ["AWS_DEFAULT_REGION"]
    return _SERVICE.endpoint(region, os.environ).rstrip("/")
