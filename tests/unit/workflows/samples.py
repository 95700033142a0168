"""Ready-made domain objects, each with one thing to vary."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from workflows.domain.automation import Automation, Catalogue
from workflows.domain.run import Run, RunOrder, RunRequest
from workflows.domain.workflow import Workflow

NOW = datetime(2026, 3, 14, 9, 26, 53, 589000, tzinfo=UTC)
LATER = datetime(2026, 3, 14, 9, 27, tzinfo=UTC)
USER = "usr_" + "A" * 26
STRANGER = "usr_" + "B" * 26
WORKFLOW_ID = "wfl_" + "C" * 26
RUN_ID = "run_" + "D" * 26

ECHO = Automation(
    "echo",
    "Echo",
    "Says it again.",
    25,
    {
        "type": "object",
        "properties": {
            "text": {"type": "string", "maxLength": 10, "pattern": "^[a-z]+$"},
            "times": {"type": "integer", "minimum": 1},
            "style": {
                "type": "object",
                "properties": {"bold/face": {"type": "boolean"}},
                "additionalProperties": False,
            },
        },
        "required": ["text"],
        "additionalProperties": False,
    },
)
CATALOGUE = Catalogue([ECHO])


def a_workflow(**changes: Any) -> Workflow:  # noqa: ANN401  # passed on
    """Make a workflow of `USER`."""
    members: dict[str, Any] = {
        "id": WORKFLOW_ID,
        "user_id": USER,
        "name": "Nightly echo",
        "automation_id": "echo",
        "parameters": {"text": "hello"},
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Workflow(**{**members, **changes})


def a_request(**changes: Any) -> RunRequest:  # noqa: ANN401  # passed on
    """Make `USER`'s request for a run of that workflow."""
    members: dict[str, Any] = {
        "user_id": USER,
        "workflow_id": WORKFLOW_ID,
        "idempotency_key": "key-1",
        "input": None,
        "correlation_id": "cor_1",
    }
    return RunRequest(**{**members, **changes})


def an_order(**changes: Any) -> RunOrder:  # noqa: ANN401  # passed on
    """Make the order of a run of that workflow."""
    members: dict[str, Any] = {
        "id": RUN_ID,
        "user_id": USER,
        "workflow_id": WORKFLOW_ID,
        "workflow_version": 1,
        "automation_id": "echo",
        "parameters": {"text": "hello"},
        "input": None,
        "credit_cost": 25,
        "fingerprint": "f" * 64,
        "correlation_id": "cor_1",
        "created_at": NOW,
    }
    return RunOrder(**{**members, **changes})


def a_run(order: RunOrder | None = None, **changes: Any) -> Run:  # noqa: ANN401  # passed on
    """Make a queued run, paid by ledger entry 2, with 75 credits left."""
    return Run(order or an_order(), **{"debit_entry_no": 2, "balance_after": 75, **changes})
