"""Reports in S3: the parts of a run as they come, and in the end the whole."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

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

PREFIX: Final = "reconciliation/"
_MAX_PARTS: Final = 5_000
_CONFIG: Final = Config(
    connect_timeout=1,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
    s3={"addressing_style": "virtual"},
)


@functools.cache
def client() -> S3Client:
    """Return the process's client, made when it is first needed."""
    return follow(boto3.client("s3", config=_CONFIG))


def _translated(call: Callable[P, T]) -> Callable[P, T]:
    @functools.wraps(call)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return call(*args, **kwargs)
        except (ClientError, BotoCoreError) as error:
            logger.warning("s3 refuses", extra={"error": type(error).__name__})
            raise TemporarilyUnavailableError("The report cannot be stored now.") from error

    return wrapper


class ReportStore:
    """Stores reports; each raises `TemporarilyUnavailableError` if S3 does not answer.

    Parameters
    ----------
    bucket_name
        Where they go.
    """

    def __init__(self, bucket_name: str) -> None:
        self._bucket_name = bucket_name

    def put_part(self, run: str, number: int, document: dict[str, Any]) -> None:
        """Store what a part found; storing a part again replaces it."""
        self._put(_part_key(run, number), json.dumps(document), "application/json")

    def parts(self, run: str, last: int) -> Iterator[dict[str, Any]]:
        """Read the parts of a run, from the first to the last number."""
        for number in range(1, min(last, _MAX_PARTS) + 1):
            yield self._document(_part_key(run, number))

    def put_report(self, run: str, document: dict[str, Any], markdown: str) -> str:
        """Store the whole report, as JSON and as Markdown, and return the latter's key."""
        page = f"{PREFIX}{run}/report.md"
        self._put(f"{PREFIX}{run}/report.json", json.dumps(document, indent=2), "application/json")
        self._put(page, markdown, "text/markdown; charset=utf-8")
        return page

    def report(self, page: str) -> dict[str, Any]:
        """Read a whole report by the key of its readable page."""
        return self._document(page.removesuffix(".md") + ".json")

    @_translated
    def _put(self, key: str, text: str, content_type: str) -> None:
        client().put_object(
            Bucket=self._bucket_name, Key=key, Body=text.encode(), ContentType=content_type
        )

    @_translated
    def _document(self, key: str) -> dict[str, Any]:
        answer = client().get_object(Bucket=self._bucket_name, Key=key)
        document: dict[str, Any] = json.loads(answer["Body"].read())
        return document


def _part_key(run: str, number: int) -> str:
    return f"{PREFIX}{run}/part-{number:06}.json"
