"""Reads new runs out of the table's stream and starts their executions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)

from kernel.observability import begin, logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

Event = dict[str, Any]


class Executions(Protocol):
    """What starts executions."""

    def start(self, run_id: str, correlation_id: str) -> bool:
        """Start a run's execution; return False if it was started before."""


class Dispatcher:
    """Starts one execution per new run.

    Records that failed are reported one by one. The stream goes on from the first of them, so that
    what came after it is delivered again; a second delivery of a record starts nothing.
    """

    def __init__(self, executions: Executions) -> None:
        self._executions = executions

    def handle(self, event: Event, context: Any) -> Event:  # noqa: ANN401  # Lambda's own
        """Handle a batch of stream records and report those that failed."""
        processor = BatchProcessor(
            EventType.DynamoDBStreams,
            # A batch that failed whole is reported like any other: no exception leaves a handler.
            raise_on_entire_batch_failure=False,
        )
        return dict(process_partial_response(event, self._dispatch, processor, context))

    def _dispatch(self, record: DynamoDBRecord) -> None:
        image = record.dynamodb.new_image if record.dynamodb else {}
        run_id, correlation_id = image["id"], image["correlation_id"]
        begin(correlation_id, run_id=run_id)
        started = self._executions.start(run_id, correlation_id)
        logger.info("run dispatched", extra={"started": started})
