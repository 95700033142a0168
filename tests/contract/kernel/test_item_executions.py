"""Executions that are named after their item."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kernel.sagas import step_functions
from kernel.sagas.executions import Execution
from kernel.sagas.item_executions import ItemExecutions
from kernel.sagas.step_functions import StateMachine


def test_s02_an_execution_is_started_once(state_machine: str) -> None:
    """Given two deliveries of an item, the second starts nothing and says so."""
    executions = ItemExecutions(StateMachine(state_machine), "run_id")

    assert executions.start("run_1", "cor_1") is True
    assert executions.start("run_1", "cor_2") is False
    assert executions.find("run_1", 1) == Execution(runs=True)
    assert executions.find("run_1", 2) is None


def test_an_item_is_lost_once_however_many_executions_ended(state_machine: str) -> None:
    """Given two executions of an item that were aborted, it is named once."""
    executions = ItemExecutions(StateMachine(state_machine), "run_id")
    for number in (1, 2):
        executions.start("run_1", "cor_1", number)
    client = step_functions.client()
    listed = client.call("ListExecutions", {"stateMachineArn": state_machine})["executions"]
    for execution in listed:
        client.call("StopExecution", {"executionArn": execution["executionArn"]})

    since = datetime.now(UTC) - timedelta(hours=1)
    assert executions.lost_since(since) == ("run_1",)
