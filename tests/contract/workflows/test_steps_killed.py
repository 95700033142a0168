"""Every step of the run saga, and the sweeper, killed before and after each of its calls to AWS.

What was killed is done again, as the state machine's retry or the next sweep does. Whatever call it
was, the run ends the same and the ledger has one debit and at most one give-back.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from billing.adapters.ledger_store import LedgerStore
from billing.debit import Debits
from billing.domain.verification import Verifier
from kernel import dynamodb, s3
from kernel.sagas import step_functions
from kernel.sagas.item_executions import ItemExecutions
from kernel.sagas.step_functions import StateMachine
from tests.unit.workflows.samples import LATER, NOW, an_order
from workflows.adapters.output_bucket import OutputBucket
from workflows.adapters.run_ledger import TransactionalRunLedger
from workflows.adapters.run_table import RunTable
from workflows.domain.recovery import WORTH_RUNNING_FOR
from workflows.domain.run import Run, RunStatus
from workflows.use_cases.recover_runs import RecoverRuns
from workflows.use_cases.settle_runs import MAX_RECORD_OUTPUT_BYTES, RunSaga

MAX_CALLS = 30
LARGE = "x" * (MAX_RECORD_OUTPUT_BYTES + 1)
ERROR = {"Error": "States.Timeout", "Cause": ""}
Step = Callable[[], object]
Grant = Callable[[str, int], None]


class Killed(BaseException):
    """The process is gone: nothing catches this."""


class Assassin:
    """Kills at one call to AWS, before it has an effect or after.

    Parameters
    ----------
    at
        Which call, counted from 1.
    after
        Whether the call has had its effect.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: int, *, after: bool) -> None:
        self.calls = 0
        self._at = at
        self._after = after
        clients: list[tuple[Any, str]] = [
            (dynamodb.client(), "call"),
            (step_functions.client(), "call"),
            (s3.client(), "_make_api_call"),
        ]
        for client, method in clients:
            monkeypatch.setattr(client, method, self._killing(getattr(client, method)))

    @property
    def has_struck(self) -> bool:
        """Whether that call was made."""
        return self.calls >= self._at

    def _killing(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def killed(operation: str, parameters: dict[str, Any]) -> Any:  # noqa: ANN401  # any answer
            self.calls += 1
            if self.calls != self._at:
                return call(operation, parameters)
            if self._after:
                call(operation, parameters)
            raise Killed

        return killed


class World:
    """A user whose run cost 25 of 100 credits, its saga and its sweeper."""

    def __init__(self, number: int, state_machine: str, grant: Grant) -> None:
        self.user_id, self.run_id = f"usr_{number:026}", f"run_{number:026}"
        grant(self.user_id, 100)
        self.machine = state_machine
        self.table = RunTable("Workflows")
        self.store = LedgerStore("Billing")
        self.executions = ItemExecutions(StateMachine(state_machine), "run_id")
        ledger = TransactionalRunLedger(Debits.of_table("Billing"), "Workflows")
        self.saga = RunSaga(self.table, ledger, OutputBucket("outputs"), lambda _: None)
        self.recover = RecoverRuns(
            self.table, self.executions, ledger, timedelta(0), lambda _run, _remedy: None
        )
        order = an_order(id=self.run_id, user_id=self.user_id)
        ledger.start(ledger.account(self.user_id), order)

    @property
    def run(self) -> Run:
        """The run as it is stored."""
        run = self.table.get(self.run_id)
        assert run is not None
        return run

    def lose(self, name: str) -> None:
        """Abort an execution."""
        arn = f"{self.machine.replace(':stateMachine:', ':execution:')}:{name}"
        step_functions.client().call("StopExecution", {"executionArn": arn})

    def started(self) -> list[str]:
        """Name the executions."""
        request = {"stateMachineArn": self.machine}
        listed = step_functions.client().call("ListExecutions", request)
        names = (one["name"] for one in listed["executions"])
        return sorted(name for name in names if name.startswith(self.run_id))


def succeeds(world: World) -> list[Step]:
    """Take the run to its success."""
    return [
        lambda: world.saga.mark_running(world.run_id, NOW),
        lambda: world.saga.mark_succeeded(world.run_id, {"said": "hello"}, LATER),
    ]


def succeeds_at_length(world: World) -> list[Step]:
    """Take the run to its success, with a large output."""
    return [
        lambda: world.saga.mark_running(world.run_id, NOW),
        lambda: world.saga.mark_succeeded(world.run_id, LARGE, LATER),
    ]


def fails(world: World) -> list[Step]:
    """Take the run to its failure."""
    return [
        lambda: world.saga.mark_running(world.run_id, NOW),
        lambda: world.saga.give_back(world.run_id, ERROR, LATER),
    ]


def is_never_started(world: World) -> list[Step]:
    """Have the sweeper start the run."""
    return [lambda: world.recover([world.run_id], NOW), *succeeds(world)]


def is_lost(world: World) -> list[Step]:
    """Have the sweeper start the run anew."""
    world.executions.start(world.run_id, "cor_1")
    world.lose(world.run_id)
    return [lambda: world.recover([world.run_id], NOW), *succeeds(world)]


def is_lost_for_long(world: World) -> list[Step]:
    """Have the sweeper give the run's credits back."""
    return [lambda: world.recover([world.run_id], NOW + WORTH_RUNNING_FOR)]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("scenario", "status", "executions"),
    [
        (succeeds, RunStatus.SUCCEEDED, []),
        (succeeds_at_length, RunStatus.SUCCEEDED, []),
        (fails, RunStatus.FAILED, []),
        (is_never_started, RunStatus.SUCCEEDED, [""]),
        (is_lost, RunStatus.SUCCEEDED, ["", "-2"]),
        (is_lost_for_long, RunStatus.FAILED, []),
    ],
)
def test_l04_a_step_that_is_killed_and_done_again_has_one_effect(
    scenario: Callable[[World], list[Step]],
    status: RunStatus,
    executions: list[str],
    state_machine: str,
    grant_credits: Grant,
    *,
    after: bool,
) -> None:
    """L04: killed at any call, before or after its effect, the run and the books are right."""
    for at in range(1, MAX_CALLS):
        world = World(at, state_machine, grant_credits)
        was_killed = killed_at(at, scenario(world), after=after)
        assert world.run.status is status, at
        assert world.started() == [f"{world.run_id}{suffix}" for suffix in executions], at
        verify_ledger(world, given_back=status is RunStatus.FAILED)
        if not was_killed:
            assert at > 1  # some call was there to be killed at
            return
    raise AssertionError("more calls than anybody expects")


def killed_at(at: int, steps: list[Step], *, after: bool) -> bool:
    """Do steps, and the one that is killed again; tell whether one was."""
    with pytest.MonkeyPatch.context() as patch:
        assassin = Assassin(patch, at, after=after)
        for step in steps:
            try:
                step()
            except Killed:
                step()
        return assassin.has_struck


def verify_ledger(world: World, *, given_back: bool) -> None:
    """Check the whole ledger: hashes, sums, one debit, and the give-back if there must be one."""
    entries = list(reversed(world.store.entries(world.user_id, before=None, limit=100)))
    verifier = Verifier(world.user_id)
    for entry in entries:
        verifier.check(entry)
    assert verifier.findings == []
    types = [str(entry.type) for entry in entries]
    assert types == ["promo", "spend", *(["spend_refund"] if given_back else [])]
    assert world.store.account(world.user_id).balance == (100 if given_back else 75)
