"""Executions of a state machine, as every service starts them and looks at them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import TemporarilyUnavailableError
from kernel.ids import new_id
from kernel.sagas import step_functions
from kernel.sagas.executions import Execution, execution_name, item_id_of
from kernel.sagas.step_functions import StateMachine


def abort(machine: str, name: str) -> None:
    """End an execution as an operator would."""
    arn = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
    step_functions.client().call("StopExecution", {"executionArn": arn})


def test_s02_a_name_starts_one_execution(state_machine: str) -> None:
    """Given a name that was used, another start starts nothing, and says so if it can."""
    machine = StateMachine(state_machine)

    assert machine.start("run_1", {"run_id": "run_1"}) is True
    machine.start("run_1", {"run_id": "run_1"})
    assert machine.start("run_1", {"run_id": "run_2"}) is False
    listed = step_functions.client().call("ListExecutions", {"stateMachineArn": state_machine})
    assert [one["name"] for one in listed["executions"]] == ["run_1"]


def test_an_execution_is_found_by_its_name(state_machine: str) -> None:
    """Given an execution, it is seen to run, and to run no more; another name finds none."""
    machine = StateMachine(state_machine)
    machine.start("run_1", {})

    assert machine.execution("run_1") == Execution(runs=True)
    assert machine.execution("run_2") is None
    abort(state_machine, "run_1")
    assert machine.execution("run_1") == Execution(runs=False)


def test_what_ended_badly_is_listed_as_far_back_as_asked(state_machine: str) -> None:
    """Given an aborted execution and one that runs, the first is named, unless it is too old."""
    machine = StateMachine(state_machine)
    machine.start("run_1", {})
    machine.start("run_2", {})
    abort(state_machine, "run_1")
    now = datetime.now(UTC)

    assert machine.unsuccessful_since(now - timedelta(hours=1)) == ["run_1"]
    assert machine.unsuccessful_since(now + timedelta(hours=1)) == []


def test_a_state_machine_that_does_not_answer_is_temporary() -> None:
    """Given a state machine that is gone, every call may be made again."""
    machine = StateMachine("arn:aws:states:ap-southeast-1:123456789012:stateMachine:none")
    calls = (
        lambda: machine.start("run_1", {}),
        lambda: machine.unsuccessful_since(datetime.now(UTC)),
    )
    for call in calls:
        with pytest.raises(TemporarilyUnavailableError):
            call()


@given(st.integers(1, 10**6))
def test_an_executions_name_holds_its_item(number: int) -> None:
    """Given any number, the name is unique, short enough, and leads back to the item."""
    item_id = new_id("run")
    name = execution_name(item_id, number)

    assert item_id_of(name) == item_id
    assert len(name) <= 80
    assert name != execution_name(item_id, number + 1)
