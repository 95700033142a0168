"""What workflows' events are about: one user with a workflow, a paid run and credits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from benchmarks.scenes.ledgers import CAUSE, ledger_of
from benchmarks.stub.scene import Scene
from billing.domain.commands import GrantPromo, Spend
from billing.domain.entry import Cause
from kernel.dynamodb import Item, marshal
from workflows.adapters.items import order_item, paid_item, workflow_item
from workflows.domain.run import Run, RunOrder
from workflows.domain.workflow import Workflow

USER: Final = "usr_3fJ8kQ1vT6yLw0ZbN4cXeR7aMs"
WORKFLOW: Final = "wfl_5dGh2PqUx9RtYk1LzVn8BoCwEi"
RUN: Final = "run_7sKf4HjWm0QxTb6ZyRv2NcLpDa"
_COST: Final = 10


def scene(now: datetime) -> Scene:
    """Make the world for every event of workflows'."""
    created_at = now - timedelta(hours=1)
    workflow = Workflow(
        WORKFLOW, USER, "Visitors", "csv-summary", {"has_header": True}, 1, created_at, created_at
    )
    spend = Spend(_COST, Cause("run", RUN, "example-correlation-1"))
    ledger = ledger_of(USER, [GrantPromo(10_000, None, CAUSE), spend], created_at)
    items = [marshal(workflow_item(workflow)), marshal(_paid(_run(created_at)))]
    return Scene({"Workflows": items, "Billing": ledger})


def _paid(run: Run) -> Item:
    return paid_item(order_item(run.order), run.debit_entry_no, run.balance_after)


def _run(created_at: datetime) -> Run:
    order = RunOrder(
        id=RUN,
        user_id=USER,
        workflow_id=WORKFLOW,
        workflow_version=1,
        automation_id="csv-summary",
        parameters={"has_header": True},
        input={"csv": "city,visitors\nBangkok,120\n"},
        credit_cost=_COST,
        fingerprint="00" * 32,
        correlation_id="example-correlation-1",
        created_at=created_at,
    )
    return Run(order, debit_entry_no=2, balance_after=9_990)
