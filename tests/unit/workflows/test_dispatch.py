"""The dispatcher: one execution per new run, and only failed records come again."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from workflows.dispatch.records import Dispatcher

_EVENTS = Path(__file__).parents[3] / "events/workflows_dispatch"
EVENT = json.loads((_EVENTS / "stream.json").read_text(encoding="utf-8"))


class MemoryExecutions:
    """Executions by name; some cannot be started."""

    def __init__(self, *failing: str) -> None:
        self.started: dict[str, str] = {}
        self._failing = failing

    def start(self, run_id: str, correlation_id: str) -> bool:
        """Start one, once."""
        if run_id in self._failing:
            raise ConnectionError
        is_new = run_id not in self.started
        self.started[run_id] = correlation_id
        return is_new


def batch(*run_ids: str) -> dict[str, Any]:
    """Make a batch with a record per run, its position as sequence number."""
    records = []
    for position, run_id in enumerate(run_ids):
        record = copy.deepcopy(EVENT["Records"][0])
        record["dynamodb"]["NewImage"]["id"]["S"] = run_id
        record["dynamodb"]["SequenceNumber"] = str(position)
        records.append(record)
    return {"Records": records}


def test_a_new_run_is_started_with_its_correlation_id() -> None:
    """Given a real stream event, the run's execution starts under its id."""
    executions = MemoryExecutions()

    answer = Dispatcher(executions).handle(EVENT, None)

    image = EVENT["Records"][0]["dynamodb"]["NewImage"]
    assert executions.started == {image["id"]["S"]: image["correlation_id"]["S"]}
    assert answer == {"batchItemFailures": []}


def test_s02_records_delivered_twice_and_out_of_order_start_each_run_once() -> None:
    """Given records that come again and in another order, nothing fails."""
    executions = MemoryExecutions()

    answer = Dispatcher(executions).handle(batch("run_b", "run_a", "run_b"), None)

    assert set(executions.started) == {"run_a", "run_b"}
    assert answer == {"batchItemFailures": []}


@pytest.mark.parametrize(
    ("failing", "reported"), [(("run_b",), ["1"]), (("run_a", "run_b", "run_c"), ["0", "1", "2"])]
)
def test_records_that_failed_are_reported(failing: tuple[str, ...], reported: list[str]) -> None:
    """Given executions that cannot be started, just those records are to come again."""
    answer = Dispatcher(MemoryExecutions(*failing)).handle(batch("run_a", "run_b", "run_c"), None)

    assert answer == {"batchItemFailures": [{"itemIdentifier": number} for number in reported]}
