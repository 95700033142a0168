"""What the operations answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from billing.adapters.report_store import ReportStore
from billing.domain.adjustment import Adjustment
from billing.domain.purchase import Purchase
from billing.domain.purchase_parts import Refund
from billing.representation import purchase_document
from kernel.clock import rfc3339, rfc3339_or_none
from kernel.sagas.executions import Outcome
from kernel.sagas.step_functions import StateMachine

Json = dict[str, Any]
MAX_LISTED: Final = 100


def adjustment_document(adjustment: Adjustment) -> Json:
    """Show an adjustment."""
    return {
        "id": adjustment.id,
        "user_id": adjustment.user_id,
        "credits": adjustment.credits,
        "reason": adjustment.reason,
        "state": adjustment.state.value,
        "requested_by": adjustment.requested_by,
        "requested_at": rfc3339(adjustment.requested_at),
        "decided_by": adjustment.decided_by,
        "decided_at": rfc3339_or_none(adjustment.decided_at),
        "entry_no": adjustment.entry_no,
    }


def purchase_record(purchase: Purchase) -> Json:
    """Show a purchase: what its owner sees, and what operators did with it."""
    dispute = purchase.dispute
    return {
        **purchase_document(purchase),
        "user_id": purchase.user_id,
        "clawed_back": purchase.clawed_back,
        "dispute": {"id": dispute.id, "status": dispute.status.value} if dispute else None,
        "refunds": [_refund(refund) for refund in purchase.refunds],
    }


def _refund(refund: Refund) -> Json:
    return {
        "request_id": refund.request_id,
        "amount": refund.amount,
        "credits": refund.credits,
        "operator": refund.operator,
        "reason": refund.reason,
        "requested_at": rfc3339(refund.requested_at),
        "state": refund.state.value,
    }


def refund_came_to(_request_id: str, outcome: Outcome) -> Json:
    """Tell whether a refund was made, and if not, why."""
    result: Mapping[str, Any] = outcome.output.get("result", {})
    return {"outcome": result.get("outcome"), "reason": result.get("reason")}


def reconciliation_came_to(reports: ReportStore, _request_id: str, outcome: Outcome) -> Json:
    """Tell what differed, and where the whole report is; the first differences are listed."""
    if outcome.status != "succeeded":
        return {}
    key: str = outcome.output["part"]["report"]
    report = reports.report(key)
    return {
        "report": key,
        "difference_count": report["difference_count"],
        "healed_count": report["healed_count"],
        "differences": report["differences"][:MAX_LISTED],
    }


def audit_came_to(machine: StateMachine, request_id: str, outcome: Outcome) -> Json:
    """Add up what the parts of an audit found; the first findings are listed."""
    if outcome.status != "succeeded":
        return {}
    parts = [output["Payload"] for output in machine.task_outputs(request_id)]
    return {
        "accounts": sum(part["accounts"] for part in parts),
        "entries": sum(part["entries"] for part in parts),
        "finding_count": sum(part["finding_count"] for part in parts),
        "findings": [finding for part in parts for finding in part["findings"]][:MAX_LISTED],
    }
