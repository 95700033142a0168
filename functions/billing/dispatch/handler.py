"""Starts the saga of every purchase that appears in the table's stream.

The table is the outbox: what was put is started, also after a crash. A second delivery starts
nothing, because the execution is named after the purchase.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from billing.adapters import saga_signals
from billing.adapters.purchase_store_items import ids_of_image
from kernel import settings
from kernel.errors import TemporarilyUnavailableError
from kernel.observability import begin, logger

Record = Mapping[str, Any]
Failures = dict[str, list[dict[str, str]]]
Start = Callable[[str, str], None]


@dataclass(frozen=True)
class Settings:
    """What this function is told by its environment."""

    purchase_state_machine_arn: str


def dispatcher(start: Start) -> Callable[[Mapping[str, Any], object], Failures]:
    """Make the Lambda handler.

    Parameters
    ----------
    start
        Starts the saga of a purchase id under a correlation id.

    Returns
    -------
    Callable
        Answers with the first record that could not be started; the stream delivers from there
        on again, in order.
    """

    def handler(event: Mapping[str, Any], _context: object) -> Failures:
        for record in event["Records"]:
            try:
                _start(record, start)
            except TemporarilyUnavailableError:
                failed = record["dynamodb"]["SequenceNumber"]
                return {"batchItemFailures": [{"itemIdentifier": failed}]}
        return {"batchItemFailures": []}

    return handler


def _start(record: Record, start: Start) -> None:
    purchase_id, correlation_id = ids_of_image(record["dynamodb"]["NewImage"])
    begin(correlation_id, purchase_id=purchase_id)
    start(purchase_id, correlation_id)
    logger.info("saga started")


def _start_saga(purchase_id: str, correlation_id: str) -> None:
    saga_signals.start(_settings.purchase_state_machine_arn, purchase_id, correlation_id)


_settings: Final = settings.read(Settings)
handler: Final = dispatcher(_start_saga)
