"""Starting runs: who may, what it costs, and once per idempotency key."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.debit import InsufficientCreditsError
from kernel.errors import ValidationFailedError
from kernel.idempotency import IdempotencyKeyReusedError
from tests.unit.workflows.fakes import MemoryLedger, MemoryRuns, MemoryWorkflows
from tests.unit.workflows.samples import (
    CATALOGUE,
    ECHO,
    LATER,
    NOW,
    STRANGER,
    USER,
    WORKFLOW_ID,
    a_request,
    a_run,
    a_workflow,
    an_order,
)
from workflows.domain.automation import AutomationNotFoundError, Catalogue
from workflows.domain.run import MAX_INPUT_BYTES, Run, RunStatus
from workflows.domain.workflow import (
    Workflow,
    WorkflowArchivedError,
    WorkflowNotFoundError,
    WorkflowNotOwnedError,
)
from workflows.use_cases.start_run import StartRun

EXECUTOR = ThreadPoolExecutor(max_workers=1)


@pytest.fixture(scope="module", autouse=True)
def _executor() -> Iterator[None]:
    yield
    EXECUTOR.shutdown()


class World:
    """A user with one workflow and some credits."""

    def __init__(self, workflow: Workflow | None = None, balance: int = 100) -> None:
        self.workflows = MemoryWorkflows(workflow or a_workflow())
        self.runs = MemoryRuns(self.workflows)
        self.ledger = MemoryLedger(self.runs, balance)
        self.start_run = self.with_catalogue(CATALOGUE)

    def with_catalogue(self, catalogue: Catalogue) -> StartRun[str]:
        """Make the use case for another catalogue."""
        return StartRun(self.runs, self.ledger, catalogue, EXECUTOR)


def test_a_run_is_paid_and_queued() -> None:
    """Given 100 credits, a run of 25 is queued and leaves 75."""
    world = World()

    started = world.start_run(a_request(input={"n": 1.5}), NOW)

    assert not started.replayed
    assert started.run.status is RunStatus.QUEUED
    assert started.run.balance_after == world.ledger.balance == 75
    assert started.run.order.credit_cost == 25
    assert started.run.order.input == {"n": 1.5}


def test_a_run_keeps_the_parameters_that_were_paid_for() -> None:
    """Given a workflow that is edited after the run, the run keeps parameters and version."""
    world = World()
    started = world.start_run(a_request(), NOW)

    world.workflows.by_id[WORKFLOW_ID] = a_workflow(parameters={"text": "other"}, version=2)

    stored = world.runs.by_id[started.run.id].order
    assert (stored.parameters, stored.workflow_version) == ({"text": "hello"}, 1)


def test_the_price_is_the_one_of_the_moment_of_the_run() -> None:
    """Given a price that changes between two runs, each pays its own."""
    world = World()
    world.start_run(a_request(idempotency_key="before"), NOW)

    dearer = world.with_catalogue(Catalogue([replace(ECHO, credit_cost=40)]))
    started = dearer(a_request(idempotency_key="after"), NOW)

    assert started.run.order.credit_cost == 40
    assert world.ledger.balance == 100 - 25 - 40


@given(repeats=st.integers(1, 5), input_=st.none() | st.dictionaries(st.text(), st.integers()))
def test_i02_l05_the_same_request_any_number_of_times_is_one_run(
    repeats: int, input_: dict[str, int] | None
) -> None:
    """Given repeats of one request, one debit happens and every answer is the same run."""
    world = World()

    started = [world.start_run(a_request(input=input_), NOW) for _ in range(repeats)]

    assert len({one.run.id for one in started}) == 1
    assert [one.replayed for one in started] == [False] + [True] * (repeats - 1)
    assert world.ledger.balance == 75


def test_i02_a_replay_shows_the_run_as_it_is_now() -> None:
    """Given a run that has finished since, the replay shows it finished."""
    world = World()
    run = world.start_run(a_request(), NOW).run
    world.runs.by_id[run.id] = replace(run, status=RunStatus.SUCCEEDED, finished_at=LATER)

    replay = world.start_run(a_request(), LATER)

    assert replay.replayed
    assert replay.run.status is RunStatus.SUCCEEDED


def test_i02_a_replay_needs_neither_the_workflow_nor_credits() -> None:
    """Given a workflow archived and an account emptied since, the replay is still answered."""
    world = World()
    run = world.start_run(a_request(), NOW).run
    world.workflows.by_id[WORKFLOW_ID] = a_workflow(archived_at=LATER, version=2)
    world.ledger.balance = 0

    assert world.start_run(a_request(), LATER).run.id == run.id


def test_i02_a_request_that_loses_the_race_is_the_replay() -> None:
    """Given a twin that commits between the reads and the debit, its run is the answer."""
    world = World()
    request = a_request()
    world.ledger.racing = a_run(an_order(id=request.run_id, fingerprint=request.fingerprint))

    started = world.start_run(request, NOW)

    assert started.replayed
    assert world.ledger.balance == 100


def test_i03_l06_another_request_that_wins_the_race_is_a_reused_key() -> None:
    """Given another request under the key that commits first, this one is refused."""
    world = World()
    world.ledger.racing = a_run(an_order(id=a_request().run_id, fingerprint="other"))

    with pytest.raises(IdempotencyKeyReusedError):
        world.start_run(a_request(), NOW)


@pytest.mark.parametrize(
    "other",
    [a_request(input={"n": 2}), a_request(workflow_id="wfl_" + "Z" * 26)],
    ids=["another input", "another workflow"],
)
def test_i03_l06_a_key_of_another_request_is_refused(other: object) -> None:
    """Given a key that started a run, another input or workflow under it is refused."""
    world = World()
    world.start_run(a_request(), NOW)

    with pytest.raises(IdempotencyKeyReusedError):
        world.start_run(other, NOW)  # type: ignore[arg-type]  # a parametrised request


def test_i05_a_key_belongs_to_its_user() -> None:
    """Given two users with the same key, each has a run of their own."""
    assert a_request().run_id != a_request(user_id=STRANGER).run_id
    assert a_request().run_id == a_request(workflow_id="wfl_" + "Z" * 26).run_id


def test_i07_a_refused_run_does_not_use_its_key_up() -> None:
    """Given an account that cannot pay, the same request succeeds once it can."""
    world = World(balance=24)
    with pytest.raises(InsufficientCreditsError):
        world.start_run(a_request(), NOW)

    world.ledger.balance = 25

    assert not world.start_run(a_request(), NOW).replayed
    assert world.ledger.balance == 0


@pytest.mark.parametrize(
    ("workflow", "refusal"),
    [
        (a_workflow(id="wfl_other"), WorkflowNotFoundError),
        (a_workflow(user_id=STRANGER), WorkflowNotOwnedError),
        (a_workflow(archived_at=NOW), WorkflowArchivedError),
        (a_workflow(automation_id="gone"), AutomationNotFoundError),
    ],
)
def test_p01_a_workflow_that_cannot_be_run_costs_nothing(
    workflow: Workflow, refusal: type[Exception]
) -> None:
    """Given a workflow that is unknown, foreign, archived or of no automation, nothing happens."""
    world = World(workflow)

    with pytest.raises(refusal):
        world.start_run(a_request(), NOW)

    assert world.ledger.balance == 100
    assert not world.runs.by_id


def test_an_account_that_cannot_be_read_is_reported_only_when_it_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Given a ledger that is down, a foreign workflow still answers as such."""
    world = World(a_workflow(user_id=STRANGER))

    def down(_user_id: str) -> str:
        raise ConnectionError

    monkeypatch.setattr(world.ledger, "account", down)

    with pytest.raises(WorkflowNotOwnedError):
        world.start_run(a_request(), NOW)
    with pytest.raises(ConnectionError):
        world.start_run(a_request(user_id=STRANGER), NOW)


def test_p05_an_input_of_32_kib_is_taken_and_one_byte_more_refused() -> None:
    """Given inputs at the bound and just over it, the first runs and the second is refused."""
    frame_bytes = len('{"t":""}')
    largest = {"t": "x" * (MAX_INPUT_BYTES - frame_bytes)}

    assert World().start_run(a_request(input=largest), NOW).run.order.user_id == USER
    with pytest.raises(ValidationFailedError) as refusal:
        World().start_run(a_request(input={"t": largest["t"] + "x"}), NOW)
    assert refusal.value.members["errors"][0]["pointer"] == "/input"  # type: ignore[index]  # JSON


class LateRuns(MemoryRuns):
    """Runs that the first look does not show yet."""

    looks = 0

    def workflow_and_run(self, workflow_id: str, run_id: str) -> tuple[Workflow | None, Run | None]:
        """Read both, the run from the second look on."""
        self.looks += 1
        workflow, run = super().workflow_and_run(workflow_id, run_id)
        return workflow, run if self.looks > 1 else None


def test_i04_credits_that_this_very_run_took_are_no_reason_to_refuse() -> None:
    """I04: a run with the same key that was faster, between the two reads, is the answer."""
    world = World(balance=25)
    world.start_run(a_request(), NOW)
    late = LateRuns(world.workflows, *world.runs.by_id.values())

    started = StartRun(late, world.ledger, CATALOGUE, EXECUTOR)(a_request(), NOW)

    assert started.replayed
    assert world.ledger.balance == 0
