"""The outbox's reader: a table's stream, and the execution that each new item gets.

What was put is started, also after a crash (ADR 8). A second delivery starts nothing, because the
execution is named after the item.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)

from kernel.errors import TemporarilyUnavailableError
from kernel.observability import begin, logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

Event = dict[str, Any]
# Reads an item's id and correlation id from its image, with its attribute values as they come.
IdsOf = Callable[[Mapping[str, Any]], tuple[str, str]]
# Starts an item's execution under a correlation id; says whether it was not started before.
Start = Callable[[str, str], bool]


def dispatcher(id_name: str, ids_of: IdsOf, start: Start) -> Callable[[Event, Any], Event]:
    """Make the Lambda handler that starts one execution per record.

    Records that failed are reported one by one. The stream goes on from the first of them, so that
    what came after it is delivered again.

    Parameters
    ----------
    id_name
        What the log calls the item's id, for example `run_id`.
    ids_of
        Reads a record's image.
    start
        Starts an execution.
    """

    def dispatch(record: DynamoDBRecord) -> None:
        begin(None)  # whatever the record before was about, this one is not
        item_id, correlation_id = ids_of(record.raw_event["dynamodb"]["NewImage"])
        begin(correlation_id, **{id_name: item_id})
        started = start(item_id, correlation_id)
        logger.info("dispatched", extra={"started": started})

    def handler(event: Event, context: Any) -> Event:  # noqa: ANN401  # Lambda's own
        processor = BatchProcessor(
            EventType.DynamoDBStreams,
            # A batch that failed whole is reported like any other: no exception leaves a handler.
            raise_on_entire_batch_failure=False,
        )
        return dict(process_partial_response(event, _telling(dispatch), processor, context))

    return handler


def _telling(
    dispatch: Callable[[DynamoDBRecord], None],
) -> Callable[[DynamoDBRecord], None]:
    """Log what goes wrong: the batch processor only counts it.

    Where Step Functions does not answer, the rest of the batch does not wait for it one by one.
    """
    unanswered: list[TemporarilyUnavailableError] = []

    def told(record: DynamoDBRecord) -> None:
        if unanswered:
            raise unanswered[0]
        try:
            dispatch(record)
        except TemporarilyUnavailableError as error:
            logger.warning("dispatch postponed", extra={"error": str(error)})
            unanswered.append(error)
            raise
        except Exception:
            logger.exception("dispatch failed")
            raise

    return told
