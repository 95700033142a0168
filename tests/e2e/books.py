"""Whether runs and ledger tell the same story, to the credit."""

from __future__ import annotations

from tests.e2e.session import Session


def reconcile(user: Session) -> None:
    """Compare all runs of a user, which must be at their end, with the ledger."""
    runs = {run["id"]: run for run in user.engine.pages("/v1/runs")}
    entries = user.engine.ledger()
    spent = {e["reference"]["id"]: -e["amount"] for e in entries if e["type"] == "spend"}
    returned = {e["reference"]["id"]: e["amount"] for e in entries if e["type"] == "spend_refund"}
    assert len(spent) == len([e for e in entries if e["type"] == "spend"]), "debited twice"
    assert len(returned) == len([e for e in entries if e["type"] == "spend_refund"]), "twice back"
    assert spent == {run["id"]: run["credit_cost"] for run in runs.values()}
    assert returned == {
        run["id"]: run["credit_cost"] for run in runs.values() if run["status"] == "failed"
    }
    assert {run["status"] for run in runs.values()} <= {"succeeded", "failed"}
    assert sum(e["amount"] for e in entries) == user.engine.account()["balance"]
