"""How workflows and runs stand in the table.

Free JSON (parameters, inputs, outputs) is stored as text, because DynamoDB's numbers are not
JSON's. Members without a value are left out. `list_key` and `listed_at` put an item into its
user's list in the index `by_user`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from kernel.clock import parse_rfc3339, rfc3339, rfc3339_or_none
from kernel.dynamodb import Item, marshal
from workflows.domain.automation import Json
from workflows.domain.failure import Failure
from workflows.domain.json_text import json_text
from workflows.domain.run import Run, RunOrder, RunStatus, StoredOutput
from workflows.domain.workflow import Workflow

WORKFLOW: Final = "WORKFLOW"
RUN: Final = "RUN"
NAME: Final = "NAME"

Key = dict[str, Any]


def workflow_key(workflow_id: str) -> Key:
    """Return a workflow's key."""
    return marshal({"pk": f"{WORKFLOW}#{workflow_id}", "sk": WORKFLOW})


def run_key(run_id: str) -> Key:
    """Return a run's key."""
    return marshal({"pk": f"{RUN}#{run_id}", "sk": RUN})


def name_item_key(user_id: str, claimed_name: str) -> Key:
    """Return the key of the item that holds a name for a user's workflow."""
    return marshal({"pk": f"{NAME}#{user_id}#{claimed_name}", "sk": NAME})


def workflows_list(user_id: str, *, archived: bool) -> str:
    """Return the list key of a user's workflows; archived ones are in a list of their own."""
    return f"{'WORKFLOWS_ARCHIVED' if archived else 'WORKFLOWS'}#{user_id}"


def runs_list(user_id: str) -> str:
    """Return the list key of a user's runs."""
    return f"RUNS#{user_id}"


def workflow_item(workflow: Workflow) -> Item:
    """Write a workflow as an item."""
    return _present(
        {
            "pk": f"{WORKFLOW}#{workflow.id}",
            "sk": WORKFLOW,
            "id": workflow.id,
            "user_id": workflow.user_id,
            "name": workflow.name,
            "automation_id": workflow.automation_id,
            "parameters": json_text(workflow.parameters),
            "version": workflow.version,
            "created_at": rfc3339(workflow.created_at),
            "updated_at": rfc3339(workflow.updated_at),
            "archived_at": rfc3339_or_none(workflow.archived_at),
            "list_key": workflows_list(workflow.user_id, archived=workflow.archived_at is not None),
            "listed_at": f"{rfc3339(workflow.created_at)}#{workflow.id}",
        }
    )


def workflow_of(item: Item) -> Workflow:
    """Read a workflow out of its item."""
    return Workflow(
        id=item["id"],
        user_id=item["user_id"],
        name=item["name"],
        automation_id=item["automation_id"],
        parameters=json.loads(item["parameters"]),
        version=item["version"],
        created_at=parse_rfc3339(item["created_at"]),
        updated_at=parse_rfc3339(item["updated_at"]),
        archived_at=_time(item, "archived_at"),
    )


def order_item(order: RunOrder) -> Item:
    """Write a run that will be queued as an item, all but what its debit adds."""
    return _present(
        {
            "pk": f"{RUN}#{order.id}",
            "sk": RUN,
            "id": order.id,
            "user_id": order.user_id,
            "workflow_id": order.workflow_id,
            "workflow_version": order.workflow_version,
            "automation_id": order.automation_id,
            "parameters": json_text(order.parameters),
            "input": None if order.input is None else json_text(order.input),
            "credit_cost": order.credit_cost,
            "fingerprint": order.fingerprint,
            "correlation_id": order.correlation_id,
            "created_at": rfc3339(order.created_at),
            "status": str(RunStatus.QUEUED),
            "list_key": runs_list(order.user_id),
            "listed_at": f"{rfc3339(order.created_at)}#{order.id}",
        }
    )


def paid_item(draft: Item, debit_entry_no: int, balance_after: int) -> Item:
    """Add to a run's item what its debit says: the entry that paid, and what was left then."""
    return {**draft, "debit_entry_no": debit_entry_no, "balance_after": balance_after}


def ids_of_image(image: Mapping[str, Any]) -> tuple[str, str]:
    """Read a run's id and correlation id from the stream's image of its item."""
    return image["id"]["S"], image["correlation_id"]["S"]


def run_of(item: Item) -> Run:
    """Read a run out of its item."""
    return Run(
        order=_order_of(item),
        debit_entry_no=item["debit_entry_no"],
        balance_after=item["balance_after"],
        status=RunStatus(item["status"]),
        output=_output_of(item),
        failure=_failure_of(item),
        started_at=_time(item, "started_at"),
        finished_at=_time(item, "finished_at"),
        executions=item.get("executions", 1),
    )


def output_members(output: StoredOutput) -> Item:
    """Write a run's output as members of its item."""
    if output.key is not None:
        return {"output_key": output.key, "output_bytes": output.bytes}
    return {"output": json_text(output.value), "output_bytes": output.bytes}


def _order_of(item: Item) -> RunOrder:
    return RunOrder(
        id=item["id"],
        user_id=item["user_id"],
        workflow_id=item["workflow_id"],
        workflow_version=item["workflow_version"],
        automation_id=item["automation_id"],
        parameters=json.loads(item["parameters"]),
        input=json.loads(item["input"]) if "input" in item else None,
        credit_cost=item["credit_cost"],
        fingerprint=item["fingerprint"],
        correlation_id=item["correlation_id"],
        created_at=parse_rfc3339(item["created_at"]),
    )


def _output_of(item: Item) -> StoredOutput | None:
    if "output_bytes" not in item:
        return None
    value: Json = json.loads(item["output"]) if "output" in item else None
    return StoredOutput(value, item.get("output_key"), item["output_bytes"])


def _failure_of(item: Item) -> Failure | None:
    return Failure(item["error_code"], item["error_message"]) if "error_code" in item else None


def _present(members: Mapping[str, Any]) -> Item:
    return {name: value for name, value in members.items() if value is not None}


def _time(item: Item, name: str) -> datetime | None:
    return parse_rfc3339(item[name]) if name in item else None
