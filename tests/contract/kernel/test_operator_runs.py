"""State machines that operators start: once, and with what they came to on record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kernel.errors import ValidationFailedError
from kernel.ids import new_id
from kernel.operators.log import OperatorLog
from kernel.operators.operations import Call
from kernel.operators.runs import (
    OperatorRun,
    RequestNotFoundError,
    RequestReusedError,
    handled_before,
    run_operations,
)
from kernel.sagas import step_functions
from kernel.sagas.executions import Outcome
from kernel.sagas.step_functions import StateMachine

Json = dict[str, Any]
REQUEST = new_id("req")
NOW = datetime.now(UTC)


def call(operation: str, parameters: Json, number: int = 1) -> Call:
    """Make a call of a known operator."""
    return Call(operation, "arn:operator", NOW, f"cor-{number}", parameters)


@pytest.fixture
def log(table: str) -> OperatorLog:
    """Keep the log in a table."""
    return OperatorLog(table)


@pytest.fixture
def run(state_machine: str, log: OperatorLog) -> OperatorRun:
    """Let operators start the state machine."""
    return OperatorRun(StateMachine(state_machine), log, lambda _id, _outcome: {"found": 3})


def recorded(log: OperatorLog) -> list[tuple[str, str]]:
    """Return operation and outcome of each record, the oldest first."""
    page = log.month(NOW.strftime("%Y-%m"), None, 100)
    return [(one.operation, one.outcome) for one in reversed(page.records)]


def test_what_is_started_is_recorded_first_and_started_once(
    run: OperatorRun, log: OperatorLog, state_machine: str
) -> None:
    """Given the same id twice, there is one execution, and both requests are on record."""
    operations = run_operations("audit", run, {})
    about = {"request_id": REQUEST, "reason": "a restore"}
    for number in (1, 2):
        operations["audit"].run(call("audit", about, number))
    listed = step_functions.client().call("ListExecutions", {"stateMachineArn": state_machine})
    assert [one["name"] for one in listed["executions"]] == [REQUEST]
    assert recorded(log) == [("audit", "asked"), ("audit", "asked")]


def test_what_cannot_be_recorded_is_not_started(
    run: OperatorRun, state_machine: str, log: OperatorLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a log that fails, nothing runs."""

    def fail(_record: object) -> None:
        raise RuntimeError("the table is gone")

    monkeypatch.setattr(OperatorLog, "append", lambda _self, record: fail(record))
    with pytest.raises(RuntimeError):
        run.start(REQUEST, {}, call("audit", {}), reason="a restore")
    listed = step_functions.client().call("ListExecutions", {"stateMachineArn": state_machine})
    assert listed["executions"] == []
    assert log


def test_an_end_is_recorded_once_whoever_asks(
    run: OperatorRun, log: OperatorLog, state_machine: str
) -> None:
    """Given an execution that ended, asking three times leaves one record."""
    run.start(REQUEST, {}, call("audit", {}), reason="a restore")
    arn = f"{state_machine.replace(':stateMachine:', ':execution:')}:{REQUEST}"
    step_functions.client().call("StopExecution", {"executionArn": arn})
    for number in (2, 3, 4):
        told = run.outcome(REQUEST, call("audit_outcome", {}, number))
        assert told == {"status": "aborted", "found": 3}
    assert recorded(log).count(("audit_outcome", "aborted")) == 1


def test_what_was_lost_goes_on_under_the_same_id(run: OperatorRun, state_machine: str) -> None:
    """Given an execution that somebody stopped, the same request starts a further one, once."""
    started = [run.start(REQUEST, {"amount": 1}, call("audit", {}), reason="a restore")]
    arn = f"{state_machine.replace(':stateMachine:', ':execution:')}:{REQUEST}"
    step_functions.client().call("StopExecution", {"executionArn": arn})
    for number in (2, 3):
        given = {"amount": 1}
        started.append(run.start(REQUEST, given, call("audit", {}, number), reason="again"))
    listed = step_functions.client().call("ListExecutions", {"stateMachineArn": state_machine})
    assert {one["name"] for one in listed["executions"]} == {REQUEST, f"{REQUEST}-2"}
    assert [one["started"] for one in started[:2]] == [True, True]
    assert run.outcome(REQUEST, call("audit_outcome", {}))["status"] == "running"


def test_an_id_is_for_one_request(run: OperatorRun, log: OperatorLog) -> None:
    """Another amount is refused; another operator, with other words, may ask for the same."""
    first = {"amount": 1, "operator": "arn:one", "reason": "twice"}
    run.start(REQUEST, first, call("refund", {}), reason="twice")
    second = {"amount": 1, "operator": "arn:two", "reason": "bought twice"}
    run.start(REQUEST, second, call("refund", {}, 2), reason="bought twice")
    with pytest.raises(RequestReusedError):
        run.start(REQUEST, {**first, "amount": 2}, call("refund", {}, 3), reason="twice")
    assert recorded(log) == [("refund", "asked")] * 3


def test_what_runs_is_not_over(run: OperatorRun, log: OperatorLog) -> None:
    """Given an execution that goes on, it is told to run, and no end is recorded."""
    run.start(REQUEST, {}, call("audit", {}), reason="a restore")
    assert run.outcome(REQUEST, call("audit_outcome", {}))["status"] == "running"
    assert recorded(log) == [("audit", "asked")]


def test_an_unknown_id_is_told(run: OperatorRun) -> None:
    """Given an id under which nothing was started."""
    with pytest.raises(RequestNotFoundError):
        run.outcome(new_id("req"), call("audit_outcome", {}))


@pytest.mark.parametrize(
    "parameters",
    [
        {"request_id": "anything", "reason": "why"},
        {"request_id": REQUEST, "reason": ""},
        {"request_id": REQUEST, "reason": "   "},
        {"request_id": REQUEST, "reason": "x" * 201},
        {"request_id": REQUEST},
    ],
)
def test_no_run_without_an_id_and_a_reason(run: OperatorRun, parameters: Json) -> None:
    """Given a request that lacks either, it is refused."""
    with pytest.raises(ValidationFailedError):
        run_operations("audit", run, {})["audit"].run(call("audit", parameters))


@pytest.mark.parametrize("status", ["running", "failed", "aborted", "timed_out"])
def test_a_sweep_that_did_not_succeed_handled_nothing_for_certain(status: str) -> None:
    """Given any other end, or none, nothing may be cleared away."""
    began = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert handled_before(timedelta(minutes=15))("", Outcome(status, {}, began, began)) == {}


def test_a_sweep_handled_what_was_old_enough_at_its_beginning() -> None:
    """Given a sweep that looks at what is 15 minutes old, that much before its start is done."""
    began = datetime(2026, 3, 1, 12, tzinfo=UTC)
    told = handled_before(timedelta(minutes=15))("", Outcome("succeeded", {}, began, began))
    assert told == {"handled_before": "2026-03-01T11:45:00.000Z"}
