"""Lost runs: started again or given back, never both, whatever breaks in between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import TemporarilyUnavailableError
from kernel.sagas.executions import Execution
from tests.unit.workflows.fakes import (
    MemoryExecutions,
    MemoryLedger,
    MemoryOutputs,
    MemoryRuns,
)
from tests.unit.workflows.samples import NOW, RUN_ID, a_run
from workflows.domain.failure import INTERRUPTED
from workflows.domain.recovery import MAX_EXECUTIONS, WORTH_RUNNING_FOR, Remedy, remedy
from workflows.domain.run import Run, RunStatus
from workflows.use_cases.recover_runs import RecoverRuns
from workflows.use_cases.settle_runs import RunSaga

PATIENCE = timedelta(minutes=15)
LATER = NOW + timedelta(hours=1)
TOO_LATE = NOW + WORTH_RUNNING_FOR
RUNS = Execution(runs=True)
LOST = Execution(runs=False, error="States.Timeout")
OWED = Execution(runs=False, error="RunStuck")


class World:
    """A run that cost 25 of 100 credits, queued and not yet dispatched."""

    def __init__(self, run: Run | None = None) -> None:
        self.runs = MemoryRuns(None, run or a_run())
        self.ledger = MemoryLedger(self.runs, balance=75)
        self.executions = MemoryExecutions()
        self.recorded: list[tuple[RunStatus, Remedy]] = []
        self.settled: list[RunStatus] = []
        self.saga = RunSaga(
            self.runs, self.ledger, MemoryOutputs(), lambda run: self.settled.append(run.status)
        )

    @property
    def run(self) -> Run:
        """The run as it is."""
        return self.runs.by_id[RUN_ID]

    def sweep(self, now: datetime = LATER, executions: object = None) -> Counter[str]:
        """Sweep once."""
        recover = RecoverRuns(
            self.runs,
            executions or self.executions,  # type: ignore[arg-type]  # a fake of a fake
            self.ledger,
            PATIENCE,
            lambda run, remedy: self.recorded.append((run.status, remedy)),
        )
        return recover([RUN_ID, "run_unknown"], now)


@pytest.mark.parametrize(
    ("run", "execution", "now", "expected"),
    [
        pytest.param({}, None, NOW, Remedy.NOTHING, id="the stream has not started it yet"),
        pytest.param({}, None, LATER, Remedy.START, id="it was never started"),
        pytest.param({}, None, TOO_LATE, Remedy.GIVE_BACK, id="nobody waits for it any more"),
        pytest.param({}, RUNS, TOO_LATE, Remedy.NOTHING, id="it runs"),
        pytest.param({}, LOST, NOW, Remedy.RESTART, id="it was lost"),
        pytest.param({}, LOST, TOO_LATE, Remedy.GIVE_BACK, id="it was lost long ago"),
        pytest.param({}, OWED, NOW, Remedy.GIVE_BACK, id="its give-back failed"),
        pytest.param({"executions": 2}, None, NOW, Remedy.START, id="counted and not started"),
        pytest.param({"executions": 2}, LOST, NOW, Remedy.RESTART, id="it was lost twice"),
        pytest.param(
            {"executions": MAX_EXECUTIONS}, LOST, NOW, Remedy.GIVE_BACK, id="lost too often"
        ),
        pytest.param({"status": RunStatus.SUCCEEDED}, LOST, NOW, Remedy.NOTHING, id="succeeded"),
        pytest.param({"status": RunStatus.FAILED}, LOST, NOW, Remedy.NOTHING, id="failed"),
    ],
)
def test_what_is_done_about_a_run(
    run: dict[str, Any], execution: Execution | None, now: datetime, expected: Remedy
) -> None:
    """Given a run and its latest execution, there is one thing to do."""
    assert remedy(a_run(**run), execution, now, PATIENCE) is expected


def test_a_run_that_was_never_dispatched_is_started_as_the_dispatcher_would() -> None:
    """Given a run without execution, the sweep starts it; a late dispatcher then starts nothing."""
    world = World()

    assert world.sweep() == {"start": 1}
    assert world.executions.started == {RUN_ID: "cor_1"}
    assert not world.executions.start(RUN_ID, "cor_1")
    assert world.sweep() == {}


def test_a_run_whose_execution_was_lost_gets_another() -> None:
    """Given an execution that ended in the middle, a second one goes on, under its own name."""
    world = World(a_run(status=RunStatus.RUNNING))
    world.executions.start(RUN_ID, "cor_1")
    world.executions.end(RUN_ID)

    assert world.sweep() == {"restart": 1}
    assert list(world.executions.started) == [RUN_ID, f"{RUN_ID}-2"]
    assert world.run.executions == 2
    assert world.recorded == [(RunStatus.RUNNING, Remedy.RESTART)]


def test_a_run_that_is_lost_again_and_again_is_given_back_once() -> None:
    """Given executions that all get lost, the last one's loss gives the credits back."""
    world = World()
    world.executions.start(RUN_ID, "cor_1")
    for number in range(1, MAX_EXECUTIONS + 1):
        world.executions.end(RUN_ID if number == 1 else f"{RUN_ID}-{number}")
        world.sweep()

    assert (world.run.status, world.run.failure) == (RunStatus.FAILED, INTERRUPTED)
    assert world.ledger.balance == 100
    assert world.sweep() == {}
    assert world.ledger.balance == 100
    assert len(world.executions.started) == MAX_EXECUTIONS


def test_a_count_whose_start_was_lost_is_made_good() -> None:
    """Given a sweeper that died after counting, the next one starts that execution."""
    world = World()
    world.executions.start(RUN_ID, "cor_1")
    world.executions.end(RUN_ID)

    class Dying(MemoryExecutions):
        def start(self, *_: object) -> bool:
            raise TemporarilyUnavailableError("down")

    dying = Dying()
    dying.started, dying.errors = world.executions.started, world.executions.errors
    assert world.sweep(executions=dying) == {"postponed": 1}
    assert world.sweep() == {"start": 1}
    assert list(world.executions.started) == [RUN_ID, f"{RUN_ID}-2"]


def test_a_run_that_goes_on_while_it_is_judged_is_let_alone() -> None:
    """Given a run that changed between reading and acting, nothing is given back or begun."""
    world = World()
    world.executions.start(RUN_ID, "cor_1")
    world.executions.end(RUN_ID)

    class Racing(MemoryExecutions):
        def find(self, run_id: str, number: int) -> Execution | None:
            found = super().find(run_id, number)
            world.saga.mark_running(run_id, NOW)
            return found

    racing = Racing()
    racing.started, racing.errors = world.executions.started, world.executions.errors
    assert world.sweep(executions=racing) == {}
    assert world.sweep(TOO_LATE, racing) == {"give_back": 1}  # it had not changed any more
    assert world.recorded == [(RunStatus.FAILED, Remedy.GIVE_BACK)]


def test_one_run_that_cannot_be_helped_now_does_not_hold_up_the_others() -> None:
    """Given two lost runs, trouble with the first leaves the second recovered."""
    world = World()
    other = replace(a_run(), order=replace(a_run().order, id="run_other"))
    world.runs.by_id[other.id] = other

    class Troubled(MemoryExecutions):
        def find(self, run_id: str, number: int) -> Execution | None:
            if run_id == RUN_ID:
                raise TemporarilyUnavailableError("down")
            return super().find(run_id, number)

    recover = RecoverRuns(
        world.runs, Troubled(), world.ledger, PATIENCE, lambda _run, _remedy: None
    )
    assert recover([RUN_ID, other.id], LATER) == {"postponed": 1, "start": 1}


def test_one_run_that_is_broken_holds_up_no_other_and_is_told() -> None:
    """Given a defect with the first run, the second is recovered, and then the sweep fails."""
    world = World()
    other = replace(a_run(), order=replace(a_run().order, id="run_other"))
    world.runs.by_id[other.id] = other

    class Broken(MemoryExecutions):
        def find(self, run_id: str, number: int) -> Execution | None:
            if run_id == RUN_ID:
                raise LookupError("entry 7 is not the debit of this run")
            return super().find(run_id, number)

    executions = Broken()
    recover = RecoverRuns(
        world.runs, executions, world.ledger, PATIENCE, lambda _run, _remedy: None
    )
    with pytest.raises(ExceptionGroup, match="cannot be recovered"):
        recover([RUN_ID, other.id], LATER)
    assert executions.started == {other.id: "cor_1"}


EVENTS = ("dispatch", "lose", "sweep", "sweep late", "mark_running", "succeed", "give_back")


@given(st.lists(st.sampled_from(EVENTS), max_size=30))
def test_l09_whatever_happens_a_run_ends_once_and_its_credits_come_back_at_most_once(
    happens: list[str],
) -> None:
    """Given any order of dispatching, losing, sweeping and the saga's steps, the books are right.

    The steps of an execution are done only while one runs.
    """
    world = World()
    late = LATER
    for event in happens:
        late += timedelta(hours=1)
        _events(world, late)[event]()
        _verify(world)
    for _ in range(2 * MAX_EXECUTIONS):  # quiet: whatever still runs is lost, the sweeper comes by
        _lose(world)
        world.sweep(late)
        _verify(world)
    assert world.run.is_settled


def _events(world: World, now: datetime) -> dict[str, Callable[[], object]]:
    def while_running(step: Callable[[], object]) -> Callable[[], object]:
        return lambda: step() if _running(world) else None

    error = {"Error": "States.Timeout", "Cause": ""}
    return {
        "dispatch": lambda: world.executions.start(RUN_ID, "cor_1"),
        "lose": lambda: _lose(world),
        "sweep": lambda: world.sweep(now),
        "sweep late": lambda: world.sweep(TOO_LATE),
        "mark_running": while_running(lambda: world.saga.mark_running(RUN_ID, now)),
        "succeed": while_running(lambda: world.saga.mark_succeeded(RUN_ID, 1, now)),
        "give_back": while_running(lambda: world.saga.give_back(RUN_ID, error, now)),
    }


def _running(world: World) -> list[str]:
    return [name for name in world.executions.started if name not in world.executions.errors]


def _lose(world: World) -> None:
    for name in _running(world):
        world.executions.end(name)


def _verify(world: World) -> None:
    assert world.ledger.balance == (100 if world.run.status is RunStatus.FAILED else 75)
    assert len(_running(world)) <= 1
    ends = [*world.settled, *(s for s, _ in world.recorded if s is RunStatus.FAILED)]
    assert ends == ([world.run.status] if world.run.is_settled else [])
