"""Lambda handler: wires the function's routes at cold start."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.http import api_handler
from kernel.settings import read
from workflows.adapters.output_bucket import OutputBucket
from workflows.adapters.run_table import RunTable
from workflows.adapters.workflow_table import WorkflowTable
from workflows.catalogue.reading import read_catalogue
from workflows.use_cases.edit_workflows import Workflows
from workflows.workflows.run_endpoints import AutomationEndpoints, RunEndpoints
from workflows.workflows.workflow_endpoints import WorkflowEndpoints


@dataclass(frozen=True)
class Settings:
    """What this function is told by its environment."""

    stage: str
    workflows_table_name: str
    outputs_bucket_name: str


_settings = read(Settings)
_catalogue = read_catalogue(_settings.stage)
_table = WorkflowTable(_settings.workflows_table_name)
_workflows = WorkflowEndpoints(Workflows(_table, _catalogue), _table, _catalogue)
_runs = RunEndpoints(
    RunTable(_settings.workflows_table_name), OutputBucket(_settings.outputs_bucket_name).link
)
handler = api_handler(
    {
        "GET /v1/automations": AutomationEndpoints(_catalogue).list,
        "POST /v1/workflows": _workflows.create,
        "GET /v1/workflows": _workflows.list,
        "GET /v1/workflows/{id}": _workflows.show,
        "PATCH /v1/workflows/{id}": _workflows.edit,
        "DELETE /v1/workflows/{id}": _workflows.archive,
        "GET /v1/runs": _runs.list,
        "GET /v1/runs/{id}": _runs.show,
    }
)
