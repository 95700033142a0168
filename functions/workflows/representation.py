"""How workflows, automations and runs look in the API."""

from __future__ import annotations

from collections.abc import Callable

from kernel.clock import rfc3339, rfc3339_or_none
from workflows.documents import AutomationDocument, RunDocument, WorkflowDocument
from workflows.domain.automation import Automation, Json
from workflows.domain.run import Run, StoredOutput
from workflows.domain.workflow import Workflow

Link = Callable[[str], str]


def automation_document(automation: Automation) -> AutomationDocument:
    """Show an automation of the catalogue."""
    return {
        "id": automation.id,
        "name": automation.name,
        "description": automation.description,
        "credit_cost": automation.credit_cost,
        "parameters_schema": dict(automation.parameters_schema),
    }


def workflow_document(workflow: Workflow, credit_cost: int | None) -> WorkflowDocument:
    """Show a workflow with today's price of a run.

    `credit_cost` is null when the automation is no longer sold; `archived_at` is there for
    archived workflows only.
    """
    document: WorkflowDocument = {
        "id": workflow.id,
        "name": workflow.name,
        "automation_id": workflow.automation_id,
        "parameters": dict(workflow.parameters),
        "credit_cost": credit_cost,
        "version": workflow.version,
        "created_at": rfc3339(workflow.created_at),
        "updated_at": rfc3339(workflow.updated_at),
    }
    if workflow.archived_at is not None:
        document["archived_at"] = rfc3339(workflow.archived_at)
    return document


def run_document(run: Run, link: Link) -> RunDocument:
    """Show a run.

    Parameters
    ----------
    link
        Makes the link to an output that is too large for the record. Such an output is shown as
        `{"output_url": …, "bytes": …}`; the link works for 15 minutes, reading the run again
        makes a new one.
    """
    order, failure = run.order, run.failure
    return {
        "id": run.id,
        "workflow_id": order.workflow_id,
        "workflow_version": order.workflow_version,
        "status": run.status,
        "credit_cost": order.credit_cost,
        "balance_after": run.balance_after,
        "output": _output(run.output, link),
        "error": {"code": failure.code, "message": failure.message} if failure else None,
        "created_at": rfc3339(order.created_at),
        "started_at": rfc3339_or_none(run.started_at),
        "finished_at": rfc3339_or_none(run.finished_at),
    }


def _output(output: StoredOutput | None, link: Link) -> Json:
    if output is None:
        return None
    if output.key is None:
        return output.value
    return {"output_url": link(output.key), "bytes": output.bytes}
