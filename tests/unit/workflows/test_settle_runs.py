"""The run saga: every step may come twice, and credits go back at most once."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.workflows.fakes import MemoryLedger, MemoryOutputs, MemoryRuns
from tests.unit.workflows.samples import LATER, NOW, RUN_ID, a_run
from workflows.domain.failure import OutputTooLargeError
from workflows.domain.run import Run, RunNotFoundError, RunStatus
from workflows.use_cases.settle_runs import MAX_OUTPUT_BYTES, MAX_RECORD_OUTPUT_BYTES, RunSaga

TIMED_OUT = {"Error": "States.Timeout", "Cause": ""}


class World:
    """A queued run that cost 25 of 100 credits."""

    def __init__(self, *runs: Run) -> None:
        self.runs = MemoryRuns(None, *(runs or (a_run(),)))
        self.ledger = MemoryLedger(self.runs, balance=75)
        self.outputs = MemoryOutputs()
        self.recorded: list[RunStatus] = []
        self.saga = RunSaga(
            self.runs, self.ledger, self.outputs, lambda run: self.recorded.append(run.status)
        )

    def step(self, name: str) -> Run:
        """Do a step by its name."""
        if name == "mark_running":
            return self.saga.mark_running(RUN_ID, NOW)
        if name == "mark_succeeded":
            return self.saga.mark_succeeded(RUN_ID, {"said": "hello"}, LATER)
        return self.saga.give_back(RUN_ID, TIMED_OUT, LATER)


def test_a_run_goes_from_queued_over_running_to_succeeded() -> None:
    """Given a queued run, the steps take it to its output and record its usage once."""
    world = World()

    running = world.step("mark_running")
    succeeded = world.step("mark_succeeded")

    assert (running.status, running.started_at) == (RunStatus.RUNNING, NOW)
    assert (succeeded.status, succeeded.finished_at) == (RunStatus.SUCCEEDED, LATER)
    assert succeeded.output is not None
    assert succeeded.output.value == {"said": "hello"}
    assert world.recorded == [RunStatus.SUCCEEDED]


def test_a_run_that_timed_out_says_so_and_gets_its_credits_back() -> None:
    """Given a running run, a time-out fails it and the balance is what it was before."""
    world = World(a_run(status=RunStatus.RUNNING))

    run = world.step("give_back")

    assert run.status is RunStatus.FAILED
    assert run.failure is not None
    assert run.failure.code == "automation_timed_out"
    assert world.ledger.balance == 100
    assert world.recorded == [RunStatus.FAILED]


@given(steps=st.lists(st.sampled_from(["mark_running", "mark_succeeded", "give_back"])))
def test_l09_s02_any_order_and_number_of_steps_settles_a_run_at_most_once(steps: list[str]) -> None:
    """Given steps delivered in any order, any number of times, the first that settles counts."""
    world = World()

    for name in steps:
        world.step(name)

    settling = [name for name in steps if name != "mark_running"]
    settled = {"mark_succeeded": RunStatus.SUCCEEDED, "give_back": RunStatus.FAILED}
    assert world.recorded == [settled[name] for name in settling[:1]]
    assert world.ledger.balance == (100 if settling[:1] == ["give_back"] else 75)


@pytest.mark.parametrize("name", ["mark_running", "mark_succeeded", "give_back"])
def test_a_second_delivery_of_a_step_answers_the_same(name: str) -> None:
    """Given a step that was done, doing it again returns the run as it was left."""
    world = World()

    assert world.step(name) == world.step(name)


def test_a_settled_run_is_not_run_again() -> None:
    """Given a run that was given back, marking it as running leaves it failed."""
    world = World()
    world.step("give_back")

    assert world.step("mark_running").is_settled


def test_l09_a_run_that_settles_while_it_is_given_back_stays_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Given a success that comes between reading and giving back, no credits go back."""
    world = World()
    stale = world.runs.by_id[RUN_ID]
    world.step("mark_succeeded")
    monkeypatch.setattr(world.runs, "get", lambda _run_id: stale)

    assert world.step("give_back").status is RunStatus.SUCCEEDED
    assert world.ledger.balance == 75


@pytest.mark.parametrize(
    ("excess_bytes", "is_in_record"), [(0, True), (1, False)], ids=["100 KiB", "one byte more"]
)
def test_a_large_output_is_kept_outside_the_record(
    excess_bytes: int, *, is_in_record: bool
) -> None:
    """Given an output at the bound or beyond, only the larger one goes to the store."""
    world = World()
    output = "x" * (MAX_RECORD_OUTPUT_BYTES - 2 + excess_bytes)

    stored = world.saga.mark_succeeded(RUN_ID, output, LATER).output

    assert stored is not None
    assert stored.bytes == MAX_RECORD_OUTPUT_BYTES + excess_bytes
    assert (stored.value == output) is is_in_record
    expected = {} if is_in_record else {RUN_ID: json.dumps(output)}
    assert world.outputs.texts == expected


def test_an_output_beyond_256_kib_does_not_settle_the_run() -> None:
    """Given more than Step Functions hands on, the step fails, so that the credits are back."""
    world = World()
    assert world.saga.mark_succeeded(RUN_ID, "x" * (MAX_OUTPUT_BYTES - 2), LATER).is_settled

    world = World()
    with pytest.raises(OutputTooLargeError):
        world.saga.mark_succeeded(RUN_ID, "x" * (MAX_OUTPUT_BYTES - 1), LATER)

    assert not world.recorded
    assert not world.outputs.texts


def test_an_output_that_is_no_json_does_not_settle_the_run() -> None:
    """Given `NaN` from an automation, the step fails, so that the credits are given back."""
    world = World()

    with pytest.raises(ValueError, match="not JSON compliant"):
        world.saga.mark_succeeded(RUN_ID, float("nan"), LATER)

    assert not world.recorded


@pytest.mark.parametrize("name", ["mark_running", "mark_succeeded", "give_back"])
def test_a_step_of_no_run_is_an_error(name: str) -> None:
    """Given an id that no run has, every step fails loudly."""
    world = World(a_run(replace(a_run().order, id="run_other")))

    with pytest.raises(RunNotFoundError):
        world.step(name)
