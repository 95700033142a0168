"""Many at once, on the deployed stack: no credit too many, none too few."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from credit_engine_client import ApiError
from tests.e2e.session import Session

pytestmark = pytest.mark.e2e
THREADS = 32


def attempt(user: Session, workflow_id: str, key: str) -> str | dict[str, Any]:
    """Start a run; gives the run, or the code of the refusal."""
    try:
        return user.engine.run(workflow_id, key=key)
    except ApiError as error:
        return error.code


def workflow_of(user: Session) -> dict[str, Any]:
    """Create a workflow."""
    return user.engine.create_workflow("Sum", "csv-summary", {"csv": "a\n1\n"})


def test_l03_parallel_runs_spend_exactly_what_is_there(user: Session) -> None:
    """L03: more runs at once than credits: exactly as many succeed as are paid for."""
    user.buy_credits("starter")
    balance = user.engine.account()["balance"]
    workflow = workflow_of(user)
    affordable = balance // workflow["credit_cost"]
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(
            pool.map(lambda n: attempt(user, workflow["id"], f"key-{n}"), range(affordable * 2))
        )
    outcomes = Counter(a if isinstance(a, str) else "run" for a in answers)
    assert outcomes == {"run": affordable, "insufficient_credits": affordable}
    assert user.engine.account()["balance"] == balance - affordable * workflow["credit_cost"]
    entries = user.engine.ledger()
    assert [e["entry_no"] for e in entries] == list(range(len(entries), 0, -1))


def test_i04_the_same_key_at_once_is_one_run(user: Session) -> None:
    """I04: sixteen times the same key: one run, one debit, every answer the same run."""
    user.buy_credits("starter")
    workflow = workflow_of(user)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: attempt(user, workflow["id"], "same"), range(16)))
    assert len({answer["id"] for answer in answers if isinstance(answer, dict)}) == 1
    assert not [answer for answer in answers if isinstance(answer, str)]
    assert len([e for e in user.engine.ledger() if e["type"] == "spend"]) == 1


def test_i04_the_same_key_at_once_for_the_last_credits(user: Session) -> None:
    """I04: when one run takes the last credits, its own replays are not refused for want of any."""
    user.buy_credits("starter")
    workflow = workflow_of(user)
    while user.engine.account()["balance"] > workflow["credit_cost"]:
        user.engine.run(workflow["id"])
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: attempt(user, workflow["id"], "last"), range(16)))
    assert len({a if isinstance(a, str) else a["id"] for a in answers}) == 1


def test_i04_the_same_key_at_once_is_one_purchase(user: Session) -> None:
    """I04: sixteen times the same key: one purchase, and one charge at Omise."""
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: user.engine.buy("starter", key="same"), range(16)))
    assert len({answer["id"] for answer in answers}) == 1
    purchase = user.until(
        lambda: user.engine.purchase(answers[0]["id"]), lambda p: p["payment"] is not None
    )
    charges = user.omise("GET", "/charges?limit=100&order=reverse_chronological")["data"]
    mine = [c for c in charges if c["metadata"].get("purchase_id") == purchase["id"]]
    assert len(mine) == 1


def test_w01_one_event_many_times_credits_once(user: Session) -> None:
    """W01: the same signed event, again and again: one set of credits."""
    paid = user.buy_credits("starter")
    events = user.omise("GET", "/events?limit=100&order=reverse_chronological")["data"]
    event = next(
        e
        for e in events
        if e["data"]["id"] == paid["payment"]["charge_id"] and e["key"] == "charge.complete"
    )
    user.sandbox("POST", "/webhooks/redeliver", {"event": event["id"], "times": 200})
    assert [e["type"] for e in user.engine.ledger()] == ["purchase"]
    assert user.engine.account()["balance"] == paid["credits"]
