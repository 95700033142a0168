"""Runs: one paid execution of a workflow, `queued → running → succeeded | failed`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from kernel.errors import DomainError, ValidationFailedError
from kernel.idempotency import fingerprint
from kernel.ids import derived_id
from workflows.domain.automation import Automation, Json
from workflows.domain.failure import Failure
from workflows.domain.json_text import json_text
from workflows.domain.workflow import Workflow, active

MAX_INPUT_BYTES: Final = 32 * 1024
ROUTE: Final = "POST /v1/workflows/{id}/runs"


class RunNotFoundError(DomainError):
    """There is no such run, or it is another user's."""

    code = "run_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such run.")


class RunStatus(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


SETTLED: Final = frozenset({RunStatus.SUCCEEDED, RunStatus.FAILED})


@dataclass(frozen=True, slots=True)
class StoredOutput:
    """What a run gave back: the value itself, or where a large one lies.

    `bytes` is the length of its JSON text; `key` names the object that holds it.
    """

    value: Json = None
    key: str | None = None
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What a user asks for; `idempotency_key` makes asking again the same request."""

    user_id: str
    workflow_id: str
    idempotency_key: str
    input: Mapping[str, Json] | None
    correlation_id: str

    @property
    def run_id(self) -> str:
        """The one run of this user, route and key (the key alone: not of this workflow)."""
        return derived_id("run", self.user_id, ROUTE, self.idempotency_key)

    @property
    def fingerprint(self) -> str:
        """What tells whether a repeated key came with the same request."""
        return fingerprint({"workflow_id": self.workflow_id, "input": self.input})


@dataclass(frozen=True, slots=True)
class RunOrder:
    """A run that may start once its debit is committed.

    It holds the parameters as they are now: what the user pays for is what runs, whatever becomes
    of the workflow meanwhile. `credit_cost` is in credits.
    """

    id: str
    user_id: str
    workflow_id: str
    workflow_version: int
    automation_id: str
    parameters: Mapping[str, Json]
    input: Mapping[str, Json] | None
    credit_cost: int
    fingerprint: str
    correlation_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """A run that is paid for.

    `debit_entry_no` is the ledger entry that paid; `balance_after` the credits left after it.
    `executions` counts how often its saga was begun: more than once only after it was lost.
    """

    order: RunOrder
    debit_entry_no: int
    balance_after: int
    status: RunStatus = RunStatus.QUEUED
    output: StoredOutput | None = None
    failure: Failure | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    executions: int = 1

    @property
    def id(self) -> str:
        """The run's identifier."""
        return self.order.id

    @property
    def is_settled(self) -> bool:
        """Whether the run has come to its end."""
        return self.status in SETTLED


def order_run(
    request: RunRequest, workflow: Workflow, automation: Automation, now: datetime
) -> RunOrder:
    """Put together the run of a workflow at this moment's price.

    Raises
    ------
    WorkflowArchivedError
        If the workflow is archived.
    """
    active(workflow)
    return RunOrder(
        id=request.run_id,
        user_id=request.user_id,
        workflow_id=workflow.id,
        workflow_version=workflow.version,
        automation_id=automation.id,
        parameters=workflow.parameters,
        input=request.input,
        credit_cost=automation.credit_cost,
        fingerprint=request.fingerprint,
        correlation_id=request.correlation_id,
        created_at=now,
    )


def verify_input(value: Mapping[str, Json] | None) -> None:
    """Make sure that a run's input is JSON of at most 32 KiB.

    Raises
    ------
    ValidationFailedError
        If it is larger.
    """
    if len(json_text(value).encode()) > MAX_INPUT_BYTES:
        message = f"must be at most {MAX_INPUT_BYTES // 1024} KiB of JSON"
        raise ValidationFailedError.at("/input", "too_large", message)


def visible(run: Run | None, user_id: str) -> Run:
    """Return the run if it is this user's.

    Raises
    ------
    RunNotFoundError
        If it is not; another user's run looks like none.
    """
    if run is None or run.order.user_id != user_id:
        raise RunNotFoundError
    return run
