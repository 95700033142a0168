"""Large outputs in S3."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from kernel.errors import TemporarilyUnavailableError
from kernel.observability import logger
from kernel.tracing import follow

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LINK_SECONDS: Final = 900
_CONFIG: Final = Config(
    connect_timeout=1,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
    signature_version="s3v4",
)


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
        try:
            _client().put_object(
                Bucket=self._bucket_name,
                Key=key,
                Body=text.encode(),
                ContentType="application/json",
            )
        except (ClientError, BotoCoreError) as error:
            logger.warning("output not stored", extra={"error": str(error), "run_id": run_id})
            raise TemporarilyUnavailableError("The output could not be stored.") from error
        return key

    def link(self, key: str) -> str:
        """Make a link that reads the output for 15 minutes; no call is made."""
        return _client().generate_presigned_url(
            "get_object",
            Params={"Bucket": self._bucket_name, "Key": key},
            ExpiresIn=LINK_SECONDS,
        )


@functools.cache
def _client() -> S3Client:
    return follow(boto3.client("s3", config=_CONFIG))
