"""One bucket of S3, by boto3.

Importing this module takes longer than everything else that a function imports, so its users do it
where they need it: few runs have an output that is large, and reports are written at night.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from kernel.errors import TemporarilyUnavailableError
from kernel.observability import logger
from kernel.tracing import follow

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

P = ParamSpec("P")
T = TypeVar("T")

_CONFIG: Final = Config(
    connect_timeout=1,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
    signature_version="s3v4",
)


@functools.cache
def client() -> S3Client:
    """Return the process's client: bounded in time, made when it is first needed."""
    return follow(boto3.client("s3", config=_CONFIG))


def _translated(call: Callable[P, T]) -> Callable[P, T]:
    @functools.wraps(call)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return call(*args, **kwargs)
        except (ClientError, BotoCoreError) as error:
            logger.warning("s3 refuses", extra={"error": type(error).__name__})
            raise TemporarilyUnavailableError("The service is busy. Try again.") from error

    return wrapper


class Bucket:
    """A bucket; what makes calls raises `TemporarilyUnavailableError` if S3 does not answer.

    Parameters
    ----------
    name
        Its name.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    @_translated
    def put(self, key: str, text: str, content_type: str) -> None:
        """Store a text; what was there before is replaced."""
        client().put_object(
            Bucket=self._name, Key=key, Body=text.encode(), ContentType=content_type
        )

    @_translated
    def get(self, key: str) -> bytes:
        """Read an object."""
        return client().get_object(Bucket=self._name, Key=key)["Body"].read()

    def link(self, key: str, seconds: int) -> str:
        """Make a link that reads an object for some time; no call is made."""
        return client().generate_presigned_url(
            "get_object", Params={"Bucket": self._name, "Key": key}, ExpiresIn=seconds
        )
