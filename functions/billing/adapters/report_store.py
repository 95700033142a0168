"""Reports in S3: the parts of a run as they come, and in the end the whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from kernel.s3 import Bucket

PREFIX: Final = "reconciliation/"
_MAX_PARTS: Final = 5_000


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
        self._bucket().put(_part_key(run, number), json.dumps(document), "application/json")

    def parts(self, run: str, last: int) -> Iterator[dict[str, Any]]:
        """Read the parts of a run, from the first to the last number."""
        for number in range(1, min(last, _MAX_PARTS) + 1):
            yield self._document(_part_key(run, number))

    def put_report(self, run: str, document: dict[str, Any], markdown: str) -> str:
        """Store the whole report, as JSON and as Markdown, and return the latter's key."""
        folder = f"{PREFIX}{run}"
        whole = json.dumps(document, indent=2)
        self._bucket().put(f"{folder}/report.json", whole, "application/json")
        self._bucket().put(f"{folder}/report.md", markdown, "text/markdown; charset=utf-8")
        return f"{folder}/report.md"

    def report(self, page: str) -> dict[str, Any]:
        """Read a whole report by the key of its readable page."""
        return self._document(page.removesuffix(".md") + ".json")

    def _document(self, key: str) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self._bucket().get(key))
        return document

    def _bucket(self) -> Bucket:
        from kernel.s3 import Bucket  # noqa: PLC0415  # costs a cold start, most parts store none

        return Bucket(self._bucket_name)


def _part_key(run: str, number: int) -> str:
    return f"{PREFIX}{run}/part-{number:06}.json"
