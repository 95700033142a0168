"""The queues of what could not be dispatched: clearing away what was replayed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from operator_cli.errors import CommandError, Exit

_MAX_BATCHES: Final = 500
_BATCH_SIZE: Final = 10
_HIDDEN_SECONDS: Final = 60
_MILLISECONDS: Final = 1_000


def clear(sqs: Any, queue_url: str, handled_before: datetime) -> tuple[int, int]:  # noqa: ANN401  # a client
    """Delete the messages about what was certainly handled, and leave the others.

    A message says only where in the table's stream something was, and the stream forgets after a
    day; whatever it was about was found by walking through the table.

    Parameters
    ----------
    sqs
        A client of SQS.
    queue_url
        The queue.
    handled_before
        Messages older than this are done with.

    Returns
    -------
    tuple of int
        How many were deleted, and how many are left.

    Raises
    ------
    CommandError
        If SQS does not answer.
    """
    deleted = left = 0
    try:
        for _ in range(_MAX_BATCHES):
            messages = _received(sqs, queue_url)
            if not messages:
                break
            done = [one for one in messages if _sent_at(one) < handled_before]
            left += len(messages) - len(done)
            for message in done:
                sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
                deleted += 1
    except (ClientError, BotoCoreError) as error:
        raise CommandError(f"the queue cannot be cleared: {error}", Exit.TRY_AGAIN) from error
    return deleted, left


def _received(sqs: Any, queue_url: str) -> list[dict[str, Any]]:  # noqa: ANN401  # a client
    answer = sqs.receive_message(
        QueueUrl=queue_url,
        MaxNumberOfMessages=_BATCH_SIZE,
        VisibilityTimeout=_HIDDEN_SECONDS,
        WaitTimeSeconds=1,
        AttributeNames=["SentTimestamp"],
    )
    return list(answer.get("Messages", []))


def _sent_at(message: dict[str, Any]) -> datetime:
    milliseconds = int(message["Attributes"]["SentTimestamp"])
    return datetime.fromtimestamp(milliseconds / _MILLISECONDS, UTC)
