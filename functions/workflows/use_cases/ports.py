"""What the use cases need of the outside, as protocols."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from kernel.sagas.executions import Execution
from workflows.domain.failure import Failure
from workflows.domain.run import Run, RunOrder, StoredOutput
from workflows.domain.workflow import Workflow

AccountT = TypeVar("AccountT")


class StaleWorkflowError(Exception):
    """The workflow was changed between reading and writing it."""


class RunExistsError(Exception):
    """A run is stored under this id already.

    Parameters
    ----------
    run
        The run that is stored.
    """

    def __init__(self, run: Run) -> None:
        super().__init__(run.id)
        self.run = run


class WorkflowStore(Protocol):
    """Keeps workflows, and each user's names unique."""

    def get(self, workflow_id: str) -> Workflow | None:
        """Read a workflow as it is now."""

    def add(self, workflow: Workflow) -> None:
        """Store a new workflow, or raise `WorkflowNameTakenError`."""

    def save(self, before: Workflow, after: Workflow) -> None:
        """Replace a workflow; raise `WorkflowNameTakenError` or `StaleWorkflowError`."""


class RunStore(Protocol):
    """Keeps runs and their transitions."""

    def get(self, run_id: str) -> Run | None:
        """Read a run as it is now."""

    def workflow_and_run(self, workflow_id: str, run_id: str) -> tuple[Workflow | None, Run | None]:
        """Read what starting a run needs, in one call."""

    def mark_running(self, run_id: str, now: datetime) -> Run:
        """Take a queued run to `running`; return any other as it is."""

    def mark_succeeded(self, run_id: str, output: StoredOutput, now: datetime) -> tuple[Run, bool]:
        """Take a running run to `succeeded`; say whether this call did."""


class LostRuns(Protocol):
    """Finds runs that have not come to their end, and counts how often they were begun."""

    def unsettled(self, run_ids: Sequence[str]) -> Iterable[Run]:
        """Read those of some runs that have not come to their end."""

    def count_execution(self, run: Run) -> bool:
        """Record a further execution of a run, unless it changed meanwhile; say whether."""


class Executions(Protocol):
    """The executions of the run state machine."""

    def start(self, run_id: str, /, correlation_id: str, number: int = 1) -> bool:
        """Start a run's execution of this number; return False if it was started before."""

    def find(self, run_id: str, /, number: int) -> Execution | None:
        """Look at a run's execution; None if there is none of this number (yet)."""


class RunLedger(Protocol[AccountT]):
    """Moves credits and runs together, in one transaction each."""

    def account(self, user_id: str) -> AccountT:
        """Read an account."""

    def start(self, account: AccountT, order: RunOrder) -> Run:
        """Debit and store the run; raise `RunExistsError` if it is stored already."""

    def fail(
        self, run: Run, failure: Failure, now: datetime, *, only_unchanged: bool = False
    ) -> tuple[Run, bool]:
        """Give the run's credits back and mark it failed; say whether this call did."""


class OutputStore(Protocol):
    """Keeps outputs that are too large for a record."""

    def put(self, run_id: str, text: str) -> str:
        """Store an output's JSON text and return its key."""

    def link(self, key: str) -> str:
        """Make a link under which it can be read for a while."""


UsageRecorder = Callable[[Run], None]
