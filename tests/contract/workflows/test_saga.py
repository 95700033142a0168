"""A run's way through the functions: put, dispatched, run, settled."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from billing.debit import Debits
from tests.contract.workflows.functions import Function, real_event
from tests.unit.workflows.samples import NOW, USER, an_order
from workflows.adapters.run_ledger import TransactionalRunLedger
from workflows.adapters.run_table import RunTable
from workflows.domain.failure import Failure
from workflows.domain.run import Run, RunNotFoundError, RunStatus
from workflows.use_cases.settle_runs import MAX_RECORD_OUTPUT_BYTES

Grant = Callable[[str, int], None]
CORRELATION_ID = "cor_1"


class Execution:
    """The execution of a run of `csv-summary` that cost 10 of 100 credits."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._saga = Function("saga", monkeypatch)
        self._automation = Function("automations.csv_summary", monkeypatch)
        ledger = TransactionalRunLedger(Debits.of_table("Billing"), "Workflows")
        order = an_order(
            id=real_event("saga", "mark_running")["run_id"],
            automation_id="csv-summary",
            credit_cost=10,
            parameters={"has_header": True},
            input={"csv": "city,visitors\nBangkok,120\n"},
        )
        self.run_id = ledger.start(ledger.account(USER), order).id

    def step(self, name: str, **members: object) -> dict[str, Any]:
        """Call a step with its real event."""
        answer: dict[str, Any] = self._saga.invoke({**real_event("saga", name), **members})
        return answer

    def automate(self, running: dict[str, Any]) -> Any:  # noqa: ANN401  # whatever it returns
        """Invoke the automation as the state machine does."""
        members = ("run_id", "correlation_id", "parameters", "input")
        return self._automation.invoke({name: running[name] for name in members})

    @property
    def run(self) -> Run:
        """The run as it is stored."""
        run = RunTable("Workflows").get(self.run_id)
        assert run is not None
        return run


@pytest.fixture
def execution(monkeypatch: pytest.MonkeyPatch, grant_credits: Grant) -> Execution:
    """Pay for a run."""
    grant_credits(USER, 100)
    return Execution(monkeypatch)


def metrics(output: str) -> dict[str, tuple[int, str]]:
    """Read the metrics out of what a function printed, each with its automation."""
    lines = (json.loads(line) for line in output.splitlines() if '"_aws"' in line)
    found = {}
    for line in lines:
        (metric,) = line["_aws"]["CloudWatchMetrics"][0]["Metrics"]
        found[metric["Name"]] = (line[metric["Name"]], line["automation_id"])
    return found


def test_a_run_succeeds(execution: Execution, capsys: pytest.CaptureFixture[str]) -> None:
    """Given a CSV text, the steps take the run to its summary, and usage is metered."""
    running = execution.step("mark_running")
    succeeded = execution.step("mark_succeeded", output=execution.automate(running))

    outcome = {"run_id": execution.run_id, "correlation_id": CORRELATION_ID}
    assert running == {
        **outcome,
        "outcome": "running",
        "automation_id": "csv-summary",
        "parameters": {"has_header": True},
        "input": {"csv": "city,visitors\nBangkok,120\n"},
    }
    assert succeeded == {**outcome, "outcome": "succeeded"}
    assert execution.run.output is not None
    assert execution.run.output.value["rows"] == 1
    metered = metrics(capsys.readouterr().out)
    assert metered.pop("RunDuration")[1] == "csv-summary"
    assert metered == {"CreditsSpent": (10, "csv-summary"), "RunsSucceeded": (1, "csv-summary")}


def test_a_run_that_fails_is_given_back(
    execution: Execution, capsys: pytest.CaptureFixture[str]
) -> None:
    """Given the automation's verdict, the run shows it and its credits are back."""
    execution.step("mark_running")
    failed = execution.step("give_back")

    assert failed["outcome"] == "failed"
    assert execution.run.failure == Failure(
        "invalid_csv", "The text is not valid CSV: there is no row in it."
    )
    assert Debits.of_table("Billing").account(USER).balance == 100
    metered = metrics(capsys.readouterr().out)
    assert metered.pop("RunDuration")[1] == "csv-summary"
    assert metered == {"CreditsGivenBack": (10, "csv-summary"), "RunsFailed": (1, "csv-summary")}


@pytest.mark.parametrize("name", ["mark_running", "mark_succeeded", "give_back"])
def test_s02_a_step_delivered_twice_answers_and_meters_once(
    execution: Execution, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Given a step that was done, doing it again answers the same and meters nothing."""
    first = execution.step(name)
    capsys.readouterr()

    assert execution.step(name) == first
    assert metrics(capsys.readouterr().out) == {}


def test_a_settled_run_is_not_run_again(execution: Execution) -> None:
    """Given a run that was given back, its execution is told to end."""
    execution.step("give_back")

    assert execution.step("mark_running")["outcome"] == "settled"
    assert execution.step("mark_succeeded")["outcome"] == "failed"


def test_a_large_output_lies_in_the_bucket(execution: Execution) -> None:
    """Given an output beyond 100 KiB, the record holds its place and the bucket its text."""
    output = {"text": "x" * MAX_RECORD_OUTPUT_BYTES}

    execution.step("mark_succeeded", output=output)

    stored = execution.run.output
    assert stored is not None
    assert stored.key == f"runs/{execution.run_id}/output.json"
    body = boto3.client("s3").get_object(Bucket="outputs", Key=stored.key)["Body"].read()
    assert json.loads(body) == output
    assert stored.bytes == len(body)


def test_a_step_of_no_run_fails_loudly(execution: Execution) -> None:
    """Given a run that is not there, the state machine gets an error."""
    with pytest.raises(RunNotFoundError):
        execution.step("mark_running", run_id="run_none")


def test_a_run_in_the_stream_is_started_under_its_id(
    monkeypatch: pytest.MonkeyPatch, state_machine: str
) -> None:
    """Given a real stream event twice, there is one execution, named after the run."""
    dispatch = Function("dispatch", monkeypatch, RUN_STATE_MACHINE_ARN=state_machine)
    event = real_event("dispatch", "stream")

    answers = [dispatch.invoke(event), dispatch.invoke(event)]

    executions = boto3.client("stepfunctions").list_executions(stateMachineArn=state_machine)
    image = event["Records"][0]["dynamodb"]["NewImage"]
    assert answers == [{"batchItemFailures": []}] * 2
    assert [one["name"] for one in executions["executions"]] == [image["id"]["S"]]


def test_the_real_event_of_csv_summary_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given the automation's event, it counts the rows."""
    function = Function("automations.csv_summary", monkeypatch)

    assert function.invoke(real_event("csv_summary", "summarise"))["rows"] == 2


def test_a_run_that_never_started_is_given_back_too(execution: Execution) -> None:
    """Given a queued run whose execution failed at once, its credits are back."""
    execution.step("give_back", error={"Error": "States.Runtime", "Cause": "broken"})

    assert execution.run.status is RunStatus.FAILED
    assert execution.run.started_at is None
    assert execution.run.order.created_at == NOW
    assert Debits.of_table("Billing").account(USER).balance == 100
