"""Automations, workflows and runs."""

from __future__ import annotations

from typing import Final

from contract.bodies import RunBody
from contract.operation import Answer, Body, Operation
from contract.parameters import CURSOR, IDEMPOTENCY_KEY, IF_MATCH, LIMIT, filter_by, resource_id
from workflows.documents import (
    AutomationsDocument,
    RunDocument,
    RunListDocument,
    WorkflowDocument,
    WorkflowListDocument,
)
from workflows.domain.run import RunStatus
from workflows.workflows.bodies import WorkflowBody, WorkflowChangeBody

_TIME: Final = "2026-03-01T09:35:00.000Z"
_CSV: Final = "city,visitors\nChiang Mai,120\nPhuket,80\n"
_WORKFLOW_ID: Final = "wfl_4fB0mXo2aLq8sWc1ZtY7uRk9Ev"
_NEW_WORKFLOW: Final = {
    "name": "Visitors per city",
    "automation_id": "csv-summary",
    "parameters": {"csv": _CSV},
}
_WORKFLOW: Final = {
    "id": _WORKFLOW_ID,
    **_NEW_WORKFLOW,
    "credit_cost": 10,
    "version": 1,
    "created_at": _TIME,
    "updated_at": _TIME,
}
_AUTOMATION: Final = {
    "id": "csv-summary",
    "name": "CSV summary",
    "description": "Counts the rows of a CSV text and describes every column.",
    "credit_cost": 10,
    "parameters_schema": {
        "type": "object",
        "properties": {"csv": {"type": "string", "minLength": 1}},
        "additionalProperties": False,
    },
}
_RUN: Final = {
    "id": "run_4fB0mXo2aLq8sWc1ZtY7uRk9Ev",
    "workflow_id": _WORKFLOW_ID,
    "workflow_version": 1,
    "status": "queued",
    "credit_cost": 10,
    "balance_after": 90,
    "output": None,
    "error": None,
    "created_at": _TIME,
    "started_at": None,
    "finished_at": None,
}
_FINISHED_RUN: Final = {
    **_RUN,
    "status": "succeeded",
    "output": {"rows": 2, "columns": [{"name": "city", "type": "text", "count": 2}]},
    "started_at": "2026-03-01T09:35:00.600Z",
    "finished_at": "2026-03-01T09:35:00.900Z",
}
_ID: Final = resource_id("workflow", "wfl")
_NOT_YOURS: Final = ("workflow_not_found", "workflow_not_owned")
_USES: Final = ("getWorkflow", "updateWorkflow", "archiveWorkflow", "createRun")

OPERATIONS: Final = (
    Operation(
        "GET /v1/automations",
        "listAutomations",
        "List what can be run",
        (Answer(200, "The automations.", AutomationsDocument, {"data": [_AUTOMATION]}),),
    ),
    Operation(
        "POST /v1/workflows",
        "createWorkflow",
        "Create a workflow",
        (
            Answer(
                201,
                "The workflow.",
                WorkflowDocument,
                _WORKFLOW,
                ("Location", "ETag"),
                links=_USES,
            ),
        ),
        body=Body(WorkflowBody, {"csv_summary": _NEW_WORKFLOW}),
        problems=("automation_not_found", "workflow_name_taken"),
    ),
    Operation(
        "GET /v1/workflows",
        "listWorkflows",
        "List your workflows",
        (
            Answer(
                200,
                "A page of workflows, newest first.",
                WorkflowListDocument,
                {"data": [_WORKFLOW], "next_cursor": None},
            ),
        ),
        parameters=(
            filter_by(
                "archived",
                "`true`: the archived ones instead of the others.",
                {"type": "boolean", "default": False},
            ),
            LIMIT,
            CURSOR,
        ),
        problems=("invalid_cursor",),
    ),
    Operation(
        "GET /v1/workflows/{id}",
        "getWorkflow",
        "Show one of your workflows",
        (Answer(200, "The workflow.", WorkflowDocument, _WORKFLOW, ("ETag",)),),
        parameters=(_ID,),
        problems=_NOT_YOURS,
    ),
    Operation(
        "PATCH /v1/workflows/{id}",
        "updateWorkflow",
        "Change a workflow",
        (
            Answer(
                200,
                "The workflow as it is now; a change that changes nothing makes no new version.",
                WorkflowDocument,
                {**_WORKFLOW, "name": "Visitors", "version": 2},
                ("ETag",),
            ),
        ),
        "`parameters` are replaced as a whole. Runs that are under way keep what they began with.",
        body=Body(WorkflowChangeBody, {"name": {"name": "Visitors"}}),
        parameters=(_ID, IF_MATCH),
        problems=(
            *_NOT_YOURS,
            "automation_not_found",
            "version_conflict",
            "workflow_archived",
            "workflow_name_taken",
        ),
    ),
    Operation(
        "DELETE /v1/workflows/{id}",
        "archiveWorkflow",
        "Archive a workflow",
        (Answer(204, "It is archived, and its name is free; again: the same."),),
        "An archived workflow can be read, but neither changed nor run.",
        parameters=(_ID, IF_MATCH),
        problems=(*_NOT_YOURS, "version_conflict"),
    ),
    Operation(
        "POST /v1/workflows/{id}/runs",
        "createRun",
        "Run a workflow",
        (
            Answer(
                202,
                "The run: paid for, and queued unless it is a replay.",
                RunDocument,
                _RUN,
                ("Location", "Idempotent-Replayed"),
                links=("getRun",),
            ),
        ),
        "Credits and run are one transaction. A run that fails gives its credits back.",
        body=Body(RunBody, {"plain": {}, "input": {"input": {"csv": _CSV}}}, required=False),
        parameters=(_ID, IDEMPOTENCY_KEY),
        problems=(
            *_NOT_YOURS,
            "account_busy",
            "automation_not_found",
            "idempotency_key_invalid",
            "idempotency_key_missing",
            "idempotency_key_reused",
            "insufficient_credits",
            "workflow_archived",
        ),
    ),
    Operation(
        "GET /v1/runs",
        "listRuns",
        "List your runs",
        (
            Answer(
                200,
                "A page of runs, newest first. Under a filter it may hold fewer than `limit`, or "
                "none, and still name a next one.",
                RunListDocument,
                {"data": [_FINISHED_RUN], "next_cursor": None},
            ),
        ),
        parameters=(
            filter_by("workflow_id", "Only runs of this workflow.", dict(_ID.schema)),
            filter_by("status", "Only runs of this status.", {"enum": [str(s) for s in RunStatus]}),
            LIMIT,
            CURSOR,
        ),
        problems=("invalid_cursor",),
    ),
    Operation(
        "GET /v1/runs/{id}",
        "getRun",
        "Show one of your runs",
        (Answer(200, "The run.", RunDocument, _FINISHED_RUN),),
        parameters=(resource_id("run", "run"),),
        problems=("run_not_found",),
    ),
)
