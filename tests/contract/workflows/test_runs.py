"""Runs in DynamoDB, together with billing's real ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import boto3
import pytest

from billing.adapters.ledger_store import CompanionRefusedError
from billing.debit import Debits, InsufficientCreditsError
from kernel.errors import TemporarilyUnavailableError
from tests.unit.workflows.samples import (
    LATER,
    NOW,
    RUN_ID,
    STRANGER,
    USER,
    WORKFLOW_ID,
    a_run,
    a_workflow,
    an_order,
)
from workflows.adapters.output_bucket import OutputBucket
from workflows.adapters.run_ledger import TransactionalRunLedger
from workflows.adapters.run_table import RunTable
from workflows.adapters.workflow_table import WorkflowTable
from workflows.domain.failure import Failure
from workflows.domain.run import Run, RunNotFoundError, RunOrder, RunStatus, StoredOutput
from workflows.use_cases.ports import RunExistsError

TABLE = RunTable("Workflows")
DEBITS = Debits.of_table("Billing")
LEDGER = TransactionalRunLedger(DEBITS, "Workflows")
FAILURE = Failure("automation_failed", "It failed.")
Grant = Callable[[str, int], None]


@pytest.fixture(autouse=True)
def _credits(grant_credits: Grant) -> None:
    grant_credits(USER, 100)


def balance() -> int:
    """Return the user's balance."""
    return DEBITS.account(USER).balance


def started(order: RunOrder | None = None) -> Run:
    """Debit and store a run."""
    return LEDGER.start(LEDGER.account(USER), order or an_order())


def test_a_run_is_stored_with_its_debit() -> None:
    """Given credits enough, the run and its ledger entry are there together."""
    run = started(an_order(input={"x": [1.5, None]}))

    assert (run.balance_after, balance()) == (75, 75)
    assert TABLE.get(run.id) == run


def test_l05_a_run_that_is_stored_is_not_debited_again() -> None:
    """Given the run's id in the table, another debit is refused and brings that run along."""
    first = started()

    with pytest.raises(RunExistsError) as refusal:
        started(an_order(fingerprint="other"))

    assert refusal.value.run == first
    assert balance() == 75


def test_l05_a_run_that_was_stored_for_this_order_is_its_run() -> None:
    """L05: given an order that another call has carried out, it gets that run, and is no replay."""
    first = started()

    assert started() == first
    with pytest.raises(RunExistsError):
        started(an_order(correlation_id="cor_2"))
    assert balance() == 75


def test_i07_a_run_that_cannot_be_paid_is_not_stored() -> None:
    """Given too few credits, there is neither debit nor run."""
    with pytest.raises(InsufficientCreditsError):
        started(an_order(credit_cost=101))

    assert balance() == 100
    assert TABLE.get(RUN_ID) is None


def test_l09_a_failed_run_gives_its_credits_back_once() -> None:
    """Given a failure told twice, the second finds the run failed and gives nothing."""
    run = started()

    failed, is_first = LEDGER.fail(run, FAILURE, LATER)
    again, is_second = LEDGER.fail(run, Failure("other", "Other."), LATER)

    assert (is_first, is_second) == (True, False)
    assert failed == again == TABLE.get(run.id)
    assert (failed.status, failed.failure, failed.finished_at) == (
        RunStatus.FAILED,
        FAILURE,
        LATER,
    )
    assert balance() == 100


def test_l09_a_run_that_succeeded_keeps_what_it_cost() -> None:
    """Given a run that succeeded, a late failure changes nothing."""
    run = started()
    succeeded, _ = TABLE.mark_succeeded(run.id, StoredOutput(value=1, bytes=1), LATER)

    assert LEDGER.fail(run, FAILURE, LATER) == (succeeded, False)
    assert balance() == 75


def test_giving_back_for_a_run_that_is_gone_is_a_defect() -> None:
    """Given a run that was debited and is not in the table, the error is not hidden."""
    run = started()
    boto3.client("dynamodb").delete_item(
        TableName="Workflows", Key={"pk": {"S": f"RUN#{run.id}"}, "sk": {"S": "RUN"}}
    )

    with pytest.raises(CompanionRefusedError):
        LEDGER.fail(run, FAILURE, LATER)
    assert balance() == 75


def test_a_queued_run_is_marked_running_once() -> None:
    """Given two deliveries, the first sets the start and the second finds it."""
    run = started()

    first = TABLE.mark_running(run.id, NOW)
    second = TABLE.mark_running(run.id, LATER)

    assert first == second == replace(run, status=RunStatus.RUNNING, started_at=NOW)


@pytest.mark.parametrize(
    "output",
    [
        StoredOutput(value={"x": [1, 2.5, "é"]}, bytes=20),
        StoredOutput(value=None, bytes=4),
        StoredOutput(key="runs/x/output.json", bytes=200_000),
    ],
    ids=["object", "null", "in the bucket"],
)
def test_an_output_is_read_as_it_was_stored(output: StoredOutput) -> None:
    """Given an output, the first success stores it and a second changes nothing."""
    run = started()

    succeeded, is_first = TABLE.mark_succeeded(run.id, output, LATER)
    again, is_second = TABLE.mark_succeeded(run.id, StoredOutput(value="other", bytes=7), NOW)

    assert (is_first, is_second) == (True, False)
    assert succeeded == again == TABLE.get(run.id)
    assert (succeeded.status, succeeded.output) == (RunStatus.SUCCEEDED, output)


def test_a_transition_of_no_run_is_an_error() -> None:
    """Given an unknown id, nothing is created."""
    with pytest.raises(RunNotFoundError):
        TABLE.mark_running("run_unknown", NOW)

    assert TABLE.get("run_unknown") is None


def test_workflow_and_run_are_read_in_one_call() -> None:
    """Given either, both or none in the table, what is there comes back."""
    assert TABLE.workflow_and_run(WORKFLOW_ID, RUN_ID) == (None, None)
    WorkflowTable("Workflows").add(a_workflow())
    run = started()

    assert TABLE.workflow_and_run(WORKFLOW_ID, RUN_ID) == (a_workflow(), run)
    assert TABLE.workflow_and_run("wfl_000000000000000other", RUN_ID) == (None, run)


def test_runs_are_listed_newest_first_by_workflow_and_status() -> None:
    """Given four runs, the filters pick theirs and another user sees none."""
    for number in range(4):
        order = an_order(
            id=f"run_{number}",
            workflow_id=f"wfl_{number % 2}",
            created_at=NOW + timedelta(seconds=number),
            credit_cost=1,
        )
        started(order)
    TABLE.mark_running("run_2", NOW)

    def ids(
        user_id: str = USER, workflow_id: str | None = None, status: RunStatus | None = None
    ) -> list[str]:
        runs, position = TABLE.listed(
            user_id, workflow_id=workflow_id, status=status, after=None, limit=20
        )
        assert position is None
        return [run.id for run in runs]

    assert ids() == ["run_3", "run_2", "run_1", "run_0"]
    assert ids(workflow_id="wfl_0") == ["run_2", "run_0"]
    assert ids(status=RunStatus.QUEUED) == ["run_3", "run_1", "run_0"]
    assert ids(workflow_id="wfl_0", status=RunStatus.RUNNING) == ["run_2"]
    assert ids(STRANGER) == []


def test_an_output_in_the_bucket_can_be_read_for_a_while() -> None:
    """Given a large output, it is stored as JSON and its link is signed and expires."""
    bucket = OutputBucket("outputs")

    key = bucket.put("run_1", '{"x":"é"}')

    stored = boto3.client("s3").get_object(Bucket="outputs", Key=key)
    assert stored["Body"].read().decode() == '{"x":"é"}'
    assert stored["ContentType"] == "application/json"
    assert "X-Amz-Expires=900" in bucket.link(key)


def test_a_bucket_that_does_not_take_an_output_is_tried_again() -> None:
    """Given a bucket that cannot be written, the step fails as temporarily unavailable."""
    with pytest.raises(TemporarilyUnavailableError):
        OutputBucket("nowhere").put("run_1", "{}")


def test_a_further_execution_is_counted_once() -> None:
    """Given two sweepers that saw the same run, one counts a further execution, the other not."""
    run = started()

    assert [TABLE.count_execution(run), TABLE.count_execution(run)] == [True, False]
    again = TABLE.get(run.id)
    assert again == replace(run, executions=2)
    assert TABLE.count_execution(again)


def test_a_run_that_goes_on_gets_no_further_execution() -> None:
    """Given a run that began to run after it was judged, nothing is counted."""
    run = started()
    TABLE.mark_running(run.id, NOW)

    assert not TABLE.count_execution(run)


@pytest.mark.parametrize("change", ["begun anew", "runs"])
def test_l09_what_changed_since_it_was_judged_is_not_given_back(change: str) -> None:
    """Given a run that somebody else helped meanwhile, its credits stay spent."""
    run = started()
    if change == "runs":
        TABLE.mark_running(run.id, NOW)
    else:
        TABLE.count_execution(run)

    current, done = LEDGER.fail(run, FAILURE, LATER, only_unchanged=True)

    assert (current, done) == (TABLE.get(run.id), False)
    assert balance() == 75
    assert LEDGER.fail(current, FAILURE, LATER, only_unchanged=True)[1]
    assert balance() == 100


def test_only_runs_that_have_not_ended_are_unsettled() -> None:
    """Given more runs than one read takes, those at their end and unknown ones are left out."""
    runs = [started(an_order(id=f"run_{number}", credit_cost=1)) for number in range(51)]
    TABLE.mark_succeeded("run_7", StoredOutput(value=1, bytes=1), LATER)

    unsettled = TABLE.unsettled([*(run.id for run in runs), "run_unknown"])

    assert {run.id for run in unsettled} == {run.id for run in runs} - {"run_7"}


def test_the_stored_run_holds_what_the_dispatcher_reads() -> None:
    """Given a run in the table, its item has `id`, `correlation_id` and the sort key `RUN`."""
    run = a_run(started().order)
    item = boto3.client("dynamodb").get_item(
        TableName="Workflows", Key={"pk": {"S": f"RUN#{run.id}"}, "sk": {"S": "RUN"}}
    )["Item"]

    assert (item["id"]["S"], item["correlation_id"]["S"]) == (run.id, "cor_1")
    assert "output" not in item
