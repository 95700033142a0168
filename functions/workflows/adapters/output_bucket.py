"""Large outputs in S3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from kernel.s3 import Bucket

LINK_SECONDS: Final = 900


class OutputBucket:
    """The bucket of runs' outputs; one object per run, so a second delivery writes the same."""

    def __init__(self, bucket_name: str) -> None:
        self._bucket_name = bucket_name

    def put(self, run_id: str, text: str) -> str:
        """Store an output's JSON text and return its key.

        Raises
        ------
        TemporarilyUnavailableError
            If S3 does not take it now.
        """
        key = f"runs/{run_id}/output.json"
        self._bucket().put(key, text, "application/json")
        return key

    def link(self, key: str) -> str:
        """Make a link that reads the output for 15 minutes; no call is made."""
        return self._bucket().link(key, LINK_SECONDS)

    def _bucket(self) -> Bucket:
        from kernel.s3 import Bucket  # noqa: PLC0415  # costs a cold start, few runs need it

        return Bucket(self._bucket_name)
