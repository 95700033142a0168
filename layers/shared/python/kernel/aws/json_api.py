"""Calls of one AWS service: signed, bounded in time and number, errors as data.

The rules of trying again are those of the SDKs' standard mode: three attempts in all, for what may
pass (no answer, a status of 500 or more, throttling), after a growing wait with full jitter. An
operation so may take effect although the call fails, and may take effect twice; what must not is
given a condition or a token by its caller, as it had to be with boto3.
"""

from __future__ import annotations

import http.client
import json
import logging
import os
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from kernel import clock
from kernel.aws.connections import ConnectionPool, Limits, Reply
from kernel.aws.credentials import CredentialsMissingError, RoleCredentials
from kernel.aws.sigv4 import Signer
from kernel.backoff import full_jitter
from kernel.tracing import subsegment

MAX_ATTEMPTS: Final = 3
_BASE_SECONDS: Final = 0.1
_CAP_SECONDS: Final = 0.2
_CONNECT_SECONDS: Final = 1.0
_OK: Final = 200
_FIRST_SERVER_ERROR: Final = 500
# What SDKs take for throttling or as passing by itself (botocore.retries.standard, and KMS's own).
_PASSING: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "DependencyTimeoutException",
        "InternalServerError",
        "KMSInternalException",
        "KeyUnavailableException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
_log = logging.getLogger(__name__)

Answer = dict[str, Any]


class AwsError(Exception):
    """A call did not succeed."""


class AwsUnreachableError(AwsError):
    """There was no answer that can be trusted; the operation may have had its effect."""


class AwsRefusedError(AwsError):
    """The service answered that it refuses.

    Parameters
    ----------
    code
        The error's name, without a namespace.
    answer
        The whole answer, for what an error tells beside its name.
    status
        The HTTP status.
    """

    def __init__(self, code: str, answer: Mapping[str, Any], status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.answer = answer
        self.status = status

    @property
    def is_passing(self) -> bool:
        """Whether the same call may succeed later."""
        return self.status >= _FIRST_SERVER_ERROR or self.code in _PASSING


@dataclass(frozen=True, slots=True)
class Service:
    """A service as its calls name it.

    Parameters
    ----------
    name
        In signatures and in the host's name.
    traced_as
        What X-Ray calls it.
    target
        What stands before an operation in `X-Amz-Target`.
    json_version
        Of its content type.
    endpoint_variable
        The environment's variable for another endpoint, as SDKs know it.
    """

    name: str
    traced_as: str
    target: str
    json_version: str
    endpoint_variable: str

    def endpoint(self, region: str, environment: Mapping[str, str]) -> str:
        """Return the service's URL: the one that the environment names, or the region's."""
        return (
            environment.get(self.endpoint_variable)
            or environment.get("AWS_ENDPOINT_URL")
            or f"https://{self.name}.{region}.amazonaws.com"
        )


class JsonApi:
    """A client of one service; threads may share it.

    Parameters
    ----------
    service
        The service.
    region
        Where it is.
    connections
        Lead to it.
    credentials
        Whose calls they are.
    """

    def __init__(
        self,
        service: Service,
        region: str,
        connections: ConnectionPool,
        credentials: RoleCredentials,
    ) -> None:
        self.connections = connections
        self._service = service
        self._signer = Signer(service.name, region)
        self._credentials = credentials
        self._content_type = f"application/x-amz-json-{service.json_version}"

    @classmethod
    def from_environment(
        cls,
        service: Service,
        read_seconds: float,
        environment: Mapping[str, str] = os.environ,
    ) -> JsonApi:
        """Make the client that the function's environment describes.

        Parameters
        ----------
        service
            The service.
        read_seconds
            How long an answer may take.
        environment
            Tells region, endpoint and credentials in the variables that SDKs read.
        """
        region = environment.get("AWS_REGION") or environment["AWS_DEFAULT_REGION"]
        limits = Limits(_CONNECT_SECONDS, read_seconds)
        connections = ConnectionPool(service.endpoint(region, environment), limits)
        return cls(service, region, connections, RoleCredentials(environment))

    def call(self, operation: str, request: Mapping[str, Any]) -> Answer:
        """Call an operation and return its answer.

        Every attempt sends the same bytes, so a token that is in them makes the attempts one.

        Raises
        ------
        AwsRefusedError
            If the service refuses, for good or at every attempt.
        AwsUnreachableError
            If no attempt was answered.
        """
        body = json.dumps(request, separators=(",", ":")).encode()
        for attempt in range(MAX_ATTEMPTS - 1):
            try:
                return self._attempt(operation, body)
            except AwsError as error:
                if isinstance(error, AwsRefusedError) and not error.is_passing:
                    raise
                _log.warning("%s %s failed: %s", self._service.name, operation, error)
            time.sleep(full_jitter(attempt, base_seconds=_BASE_SECONDS, cap_seconds=_CAP_SECONDS))
        return self._attempt(operation, body)

    def _attempt(self, operation: str, body: bytes) -> Answer:
        headers = {
            "content-type": self._content_type,
            "x-amz-target": f"{self._service.target}.{operation}",
        }
        try:
            signed = self._signer.headers(
                self.connections.host, headers, body, self._credentials(), clock.now()
            )
            with subsegment(self._service.traced_as, "aws", aws={"operation": operation}):
                reply = self.connections.post(signed, body)
        except (OSError, http.client.HTTPException, CredentialsMissingError) as error:
            raise AwsUnreachableError(type(error).__name__) from error
        return _answer(reply)


def _answer(reply: Reply) -> Answer:
    if reply.checksum is not None and reply.checksum != str(zlib.crc32(reply.body)):
        raise AwsUnreachableError("wrong checksum")
    try:
        answer = json.loads(reply.body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):  # what stands between us and the service answered for it
        raise AwsUnreachableError(f"status {reply.status}, no JSON object")
    if reply.status == _OK:
        return answer
    raise AwsRefusedError(_code(answer), answer, reply.status)


def _code(answer: Answer) -> str:
    """Read an error's name out of `namespace#Name`."""
    return str(answer.get("__type", "")).rpartition("#")[2]
