"""One id for everything that one request sets in motion, from the edge to Omise and back."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, Final

import pytest
import requests

from local.trace import Line, trace
from tests.e2e.session import Session

pytestmark = pytest.mark.e2e
Json = dict[str, Any]
SECONDS: Final = 30
CSV: Final = {"csv": "a\n1\n"}


def post(user: Session, path: str, body: Json, correlation_id: str) -> requests.Response:
    """Make a call under a correlation id of one's own."""
    token = user.engine.login(user.email, user.password)["access_token"]
    headers = {
        "Authorization": f"Bearer {token}",
        "Idempotency-Key": correlation_id,
        "X-Correlation-Id": correlation_id,
    }
    return requests.post(user.stack.api_url + path, json=body, headers=headers, timeout=SECONDS)


def traced(user: Session, correlation_id: str, done: Callable[[str], bool]) -> list[Line]:
    """Collect what happened under an id, once enough of it has."""
    lines: list[Line] = []

    def read() -> Json:
        lines[:] = trace(user.stack, correlation_id)
        return {"text": "\n".join(map(str, lines))}

    user.until(read, lambda state: done(state["text"]))
    return lines


def test_a_purchase_is_one_story(user: Session) -> None:
    """Edge, stream, state machine, Omise's metadata, webhook and ledger bear the request's id."""
    correlation_id = f"order.{secrets.token_hex(8)}"
    body = {"package_id": "starter", "payment_method": {"type": "promptpay"}}
    answer = post(user, "/v1/purchases", body, correlation_id)
    assert answer.headers["X-Correlation-Id"] == correlation_id
    purchase_id = answer.json()["id"]
    purchase = user.until(lambda: user.engine.purchase(purchase_id), lambda p: p["payment"])

    user.pay(purchase)

    charge = user.omise("GET", f"/charges/{purchase['payment']['charge_id']}")
    assert charge["metadata"]["correlation_id"] == correlation_id
    lines = traced(user, correlation_id, lambda text: "ExecutionSucceeded" in text)
    assert {
        "log BillingPurchase",
        "log BillingDispatch",
        "log BillingSaga",
        "log BillingWebhook",
        "table billing",
        "saga",
        "omise",
    } <= {line.where for line in lines}
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    text = "\n".join(map(str, lines))
    assert "ledger entry 1" in text
    assert "notice about a purchase" in text
    assert purchase_id in text


def test_a_run_is_one_story(user: Session) -> None:
    """From the debit to the automation's own log and the end of the run."""
    user.buy_credits("starter")
    workflow = user.engine.create_workflow("Mine", "csv-summary", CSV)
    correlation_id = f"run.{secrets.token_hex(8)}"

    answer = post(user, f"/v1/workflows/{workflow['id']}/runs", {}, correlation_id)

    user.finished(answer.json())
    lines = traced(user, correlation_id, lambda text: "ExecutionSucceeded" in text)
    assert {
        "log WorkflowsRunWorkflow",
        "log WorkflowsDispatch",
        "log WorkflowsSaga",
        "log WorkflowsCsvSummary",
        "table billing",
        "table workflows",
        "saga",
    } <= {line.where for line in lines}


def test_nothing_of_another_request_is_in_it(user: Session) -> None:
    """An id that nobody used has no story."""
    assert trace(user.stack, f"unused.{secrets.token_hex(8)}") == []
