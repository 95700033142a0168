"""The two KMS operations that access tokens need, without boto3 (see `sigv4`).

Endpoint, region and credentials come from the environment variables that AWS SDKs read, so this
works wherever they do in Lambda. Logs go to the standard library's logger, because the authorizer
does without Powertools.
"""

from __future__ import annotations

import base64
import http.client
import json
import logging
import os
import random
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from identity.adapters.sigv4 import Credentials, Signer
from kernel import clock
from kernel.errors import TemporarilyUnavailableError
from kernel.tracing import subsegment

_log = logging.getLogger(__name__)
_jitter = random.SystemRandom()
_TIMEOUT_SECONDS: Final = 2.0
_ATTEMPTS: Final = 3
_BACKOFF_SECONDS: Final = 0.05
_MAX_RESPONSE_BYTES: Final = 64 * 1024
_TEMPORARY: Final = frozenset(
    {
        "DependencyTimeoutException",
        "KMSInternalException",
        "KeyUnavailableException",
        "LimitExceededException",
        "ThrottlingException",
    }
)


class KmsRefusedError(Exception):
    """KMS refuses for good: the key is not there, not of this kind, or not for this role."""


class _TemporaryError(Exception):
    """KMS may answer if it is asked again."""


class Kms:
    """A client of AWS KMS for one thread; it keeps one connection, opened when first needed.

    Parameters
    ----------
    endpoint
        The service's URL.
    signer
        Signs every request.
    """

    def __init__(self, endpoint: str, signer: Signer) -> None:
        location = urlsplit(endpoint)
        self._host = location.netloc
        self._connection = _connection_to(location)
        self._signer = signer

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Kms:
        """Make the client that the function's environment describes."""
        region = environment["AWS_REGION"]
        endpoint = (
            environment.get("AWS_ENDPOINT_URL_KMS")
            or environment.get("AWS_ENDPOINT_URL")
            or f"https://kms.{region}.amazonaws.com"
        )
        credentials = Credentials(
            environment["AWS_ACCESS_KEY_ID"],
            environment["AWS_SECRET_ACCESS_KEY"],
            environment.get("AWS_SESSION_TOKEN"),
        )
        return cls(endpoint, Signer("kms", region, credentials))

    def public_key(self, key_id: str) -> bytes:
        """Return a key's public half as DER (SubjectPublicKeyInfo).

        Raises
        ------
        KmsRefusedError
            If the key cannot be read.
        TemporarilyUnavailableError
            If KMS does not answer.
        """
        answer = self._call("GetPublicKey", {"KeyId": key_id})
        return base64.b64decode(answer["PublicKey"])

    def sign(self, key_id: str, digest: bytes) -> bytes:
        """Sign a SHA-256 digest by ECDSA and return the signature as DER.

        Raises
        ------
        KmsRefusedError
            If the key cannot sign.
        TemporarilyUnavailableError
            If KMS does not answer.
        """
        request = {
            "KeyId": key_id,
            "Message": base64.b64encode(digest).decode(),
            "MessageType": "DIGEST",
            "SigningAlgorithm": "ECDSA_SHA_256",
        }
        return base64.b64decode(self._call("Sign", request)["Signature"])

    def _call(self, operation: str, request: Mapping[str, str]) -> dict[str, Any]:
        body = json.dumps(request).encode()
        for attempt in range(_ATTEMPTS):
            try:
                time.sleep(_jitter.uniform(0, _BACKOFF_SECONDS * attempt))
                with subsegment("KMS", "aws", aws={"operation": operation}):
                    return self._attempt(operation, body)
            except (_TemporaryError, OSError, http.client.HTTPException) as error:
                self._connection.close()  # the next request opens it anew
                _log.warning("KMS %s failed: %s", operation, type(error).__name__)
        raise TemporarilyUnavailableError("The service is busy. Try again.")

    def _attempt(self, operation: str, body: bytes) -> dict[str, Any]:
        headers = {
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": f"TrentService.{operation}",
        }
        signed = self._signer.headers(self._host, headers, body, clock.now())
        self._connection.request("POST", "/", body, signed)
        response = self._connection.getresponse()
        return _answer(response.status, response.read(_MAX_RESPONSE_BYTES))


def _connection_to(endpoint: SplitResult) -> http.client.HTTPConnection:
    if endpoint.scheme == "https":
        return http.client.HTTPSConnection(endpoint.netloc, timeout=_TIMEOUT_SECONDS)
    return http.client.HTTPConnection(endpoint.netloc, timeout=_TIMEOUT_SECONDS)


def _answer(status: int, body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):  # what stands between us and KMS answered in its place
        raise _TemporaryError(status)
    if status == http.client.OK:
        return answer
    kind = str(answer.get("__type", "")).rpartition("#")[2]
    if status >= http.client.INTERNAL_SERVER_ERROR or kind in _TEMPORARY:
        raise _TemporaryError(kind)
    raise KmsRefusedError(kind)
