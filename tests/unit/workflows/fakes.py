"""The ports, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from billing.debit import InsufficientCreditsError
from kernel.sagas.executions import Execution, execution_name
from workflows.domain.failure import Failure
from workflows.domain.run import Run, RunNotFoundError, RunOrder, RunStatus, StoredOutput
from workflows.domain.workflow import Workflow, WorkflowNameTakenError
from workflows.use_cases.ports import RunExistsError, StaleWorkflowError


class MemoryWorkflows:
    """Workflows in a dictionary; `interfere` runs before each save, like another request."""

    def __init__(self, *workflows: Workflow) -> None:
        self.by_id = {workflow.id: workflow for workflow in workflows}
        self.saves = 0
        self.interfering: list[Workflow] = []

    def get(self, workflow_id: str) -> Workflow | None:
        """Read one."""
        return self.by_id.get(workflow_id)

    def add(self, workflow: Workflow) -> None:
        """Store a new one."""
        self._refuse_taken(workflow)
        self.by_id[workflow.id] = workflow

    def save(self, before: Workflow, after: Workflow) -> None:
        """Replace one."""
        if self.interfering:
            other = self.interfering.pop()
            self.by_id[other.id] = other
        if self.by_id[before.id].version != before.version:
            raise StaleWorkflowError
        self._refuse_taken(after)
        self.saves += 1
        self.by_id[after.id] = after

    def _refuse_taken(self, workflow: Workflow) -> None:
        for other in self.by_id.values():
            is_same_name = other.claimed_name == workflow.claimed_name is not None
            if other.id != workflow.id and other.user_id == workflow.user_id and is_same_name:
                raise WorkflowNameTakenError


class MemoryRuns:
    """Runs in a dictionary."""

    def __init__(self, workflows: MemoryWorkflows | None = None, *runs: Run) -> None:
        self._workflows = workflows or MemoryWorkflows()
        self.by_id = {run.id: run for run in runs}

    def get(self, run_id: str) -> Run | None:
        """Read one."""
        return self.by_id.get(run_id)

    def workflow_and_run(self, workflow_id: str, run_id: str) -> tuple[Workflow | None, Run | None]:
        """Read both."""
        return self._workflows.get(workflow_id), self.get(run_id)

    def mark_running(self, run_id: str, now: datetime) -> Run:
        """Take a queued run to `running`."""
        run = self._existing(run_id)
        if run.status is RunStatus.QUEUED:
            run = replace(run, status=RunStatus.RUNNING, started_at=now)
            self.by_id[run_id] = run
        return run

    def mark_succeeded(self, run_id: str, output: StoredOutput, now: datetime) -> tuple[Run, bool]:
        """Take an unsettled run to `succeeded`."""
        run = self._existing(run_id)
        if run.is_settled:
            return run, False
        run = replace(run, status=RunStatus.SUCCEEDED, output=output, finished_at=now)
        self.by_id[run_id] = run
        return run, True

    def unsettled(self, run_ids: Sequence[str]) -> list[Run]:
        """Read those that have not ended."""
        found = (self.by_id.get(run_id) for run_id in run_ids)
        return [run for run in found if run is not None and not run.is_settled]

    def count_execution(self, run: Run) -> bool:
        """Count one more."""
        if not is_unchanged(run, self.by_id[run.id]):
            return False
        self.by_id[run.id] = replace(run, executions=run.executions + 1)
        return True

    def _existing(self, run_id: str) -> Run:
        try:
            return self.by_id[run_id]
        except KeyError:
            raise RunNotFoundError from None


class MemoryLedger:
    """One balance; debits and give-backs move it together with the runs."""

    def __init__(self, runs: MemoryRuns, balance: int = 100) -> None:
        self._runs = runs
        self.balance = balance
        self.entry_no = 1
        self.racing: Run | None = None

    def account(self, user_id: str) -> str:
        """Stand in for the account."""
        return user_id

    def start(self, account: str, order: RunOrder) -> Run:
        """Debit and store."""
        assert account == order.user_id
        if self.racing is not None:
            self._runs.by_id[self.racing.id] = self.racing
        if order.credit_cost > self.balance:
            raise InsufficientCreditsError(order.credit_cost, self.balance)
        if (existing := self._runs.by_id.get(order.id)) is not None:
            raise RunExistsError(existing)
        self.balance -= order.credit_cost
        self.entry_no += 1
        run = Run(order, self.entry_no, self.balance)
        self._runs.by_id[run.id] = run
        return run

    def fail(
        self, run: Run, failure: Failure, now: datetime, *, only_unchanged: bool = False
    ) -> tuple[Run, bool]:
        """Give back and mark failed."""
        current = self._runs.by_id[run.id]
        if current.is_settled or (only_unchanged and not is_unchanged(run, current)):
            return current, False
        self.balance += run.order.credit_cost
        failed = replace(current, status=RunStatus.FAILED, failure=failure, finished_at=now)
        self._runs.by_id[run.id] = failed
        return failed, True


class MemoryExecutions:
    """Executions by name; what is in `errors` has ended, in an error or not."""

    def __init__(self) -> None:
        self.started: dict[str, str] = {}
        self.errors: dict[str, str | None] = {}

    def start(self, run_id: str, correlation_id: str, number: int = 1) -> bool:
        """Start one, once."""
        name = execution_name(run_id, number)
        is_new = name not in self.started
        self.started.setdefault(name, correlation_id)
        return is_new

    def find(self, run_id: str, number: int) -> Execution | None:
        """Look at one."""
        name = execution_name(run_id, number)
        if name not in self.started:
            return None
        return Execution(name not in self.errors, self.errors.get(name))

    def end(self, name: str, error: str | None = "States.ServiceRestart") -> None:
        """Let one end."""
        self.errors[name] = error


def is_unchanged(seen: Run, current: Run) -> bool:
    """Tell whether a run is still as it was judged."""
    return (seen.status, seen.executions) == (current.status, current.executions)


class MemoryOutputs:
    """Large outputs in a dictionary."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def put(self, run_id: str, text: str) -> str:
        """Keep a text."""
        self.texts[run_id] = text
        return run_id

    def link(self, key: str) -> str:
        """Make a link."""
        return f"https://outputs.example.com/{key}"
