"""The outbox's reader: one execution per new item, and only failed records come again."""

from __future__ import annotations

import copy
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from billing.adapters import purchase_store_items
from kernel.errors import TemporarilyUnavailableError
from kernel.sagas.outbox import IdsOf, dispatcher
from workflows.adapters import items

EVENTS = Path(__file__).parents[3] / "events"
NEW_RUN = "workflows_dispatch/stream.json"
NEW_PURCHASE = "billing_dispatch/new_purchase.json"


class Executions:
    """Executions by their item's id; some cannot be started."""

    def __init__(self, *failing: str, error: Exception | None = None) -> None:
        self.started: dict[str, str] = {}
        self._failing = failing
        self._error = error or TemporarilyUnavailableError("busy")

    def start(self, item_id: str, correlation_id: str) -> bool:
        """Start one, once."""
        if item_id in self._failing:
            raise self._error
        is_new = item_id not in self.started
        self.started[item_id] = correlation_id
        return is_new


def event(path: str) -> dict[str, Any]:
    """Return one of the events that lie beside the functions."""
    document: dict[str, Any] = json.loads((EVENTS / path).read_text(encoding="utf-8"))
    return document


def batch(*run_ids: str) -> dict[str, Any]:
    """Make a batch with a record per run, its position as sequence number."""
    records = []
    for position, run_id in enumerate(run_ids):
        record = copy.deepcopy(event(NEW_RUN)["Records"][0])
        record["dynamodb"]["NewImage"]["id"]["S"] = run_id
        record["dynamodb"]["SequenceNumber"] = str(position)
        records.append(record)
    return {"Records": records}


def dispatched(executions: Executions, records: dict[str, Any]) -> list[str]:
    """Hand records over; gives the sequence numbers of those that are to come again."""
    answer = dispatcher("run_id", items.ids_of_image, executions.start)(records, None)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


@pytest.mark.parametrize(
    ("path", "ids_of", "expected"),
    [
        pytest.param(
            NEW_PURCHASE,
            purchase_store_items.ids_of_image,
            {"pur_00000000000000000000000001": "example-correlation-1"},
            id="purchase",
        ),
        pytest.param(
            NEW_RUN,
            items.ids_of_image,
            {
                image["id"]["S"]: image["correlation_id"]["S"]
                for image in [event(NEW_RUN)["Records"][0]["dynamodb"]["NewImage"]]
            },
            id="run",
        ),
    ],
)
def test_s02_what_is_new_is_started_under_its_id(
    path: str, ids_of: IdsOf, expected: dict[str, str]
) -> None:
    """Given a real stream event, with the correlation id of the request that made the item."""
    executions = Executions()
    answer = dispatcher("run_id", ids_of, executions.start)(event(path), None)
    assert executions.started == expected
    assert answer == {"batchItemFailures": []}


def test_s02_records_delivered_twice_and_out_of_order_start_each_item_once() -> None:
    """Given records that come again and in another order, nothing fails."""
    executions = Executions()
    assert dispatched(executions, batch("run_b", "run_a", "run_b")) == []
    assert set(executions.started) == {"run_a", "run_b"}


@pytest.mark.parametrize(
    ("failing", "reported"), [(("run_b",), ["1"]), (("run_a", "run_b", "run_c"), ["0", "1", "2"])]
)
def test_records_that_failed_are_reported(failing: tuple[str, ...], reported: list[str]) -> None:
    """Given defects, just those records are to come again, and the others are started."""
    executions = Executions(*failing, error=KeyError("defect"))
    assert dispatched(executions, batch("run_a", "run_b", "run_c")) == reported


def test_nobody_waits_again_for_what_does_not_answer() -> None:
    """Given Step Functions that refuses, the rest comes again, too, and is not tried now."""
    executions = Executions("run_b")
    assert dispatched(executions, batch("run_a", "run_b", "run_c")) == ["1", "2"]
    assert set(executions.started) == {"run_a"}


def test_what_goes_wrong_is_told_and_names_the_item(caplog: pytest.LogCaptureFixture) -> None:
    """A refusal is a warning; a defect is an error, also that of a record that names nothing."""
    records = batch("run_a", "run_b")
    del records["Records"][0]["dynamodb"]["NewImage"]["id"]
    dispatched(Executions("run_b"), records)
    told = [record for record in caplog.records if record.levelno > logging.INFO]
    assert [(record.levelname, record.getMessage()) for record in told] == [
        ("ERROR", "dispatch failed"),
        ("WARNING", "dispatch postponed"),
    ]
