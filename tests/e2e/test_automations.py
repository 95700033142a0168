"""Automations of the operator's own: added by the catalogue, and misbehaving in every way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from local.layout import ACCOUNT
from local.stack_file import StackFile
from tests.e2e.books import reconcile
from tests.e2e.operator import Operator, changed_checkout
from tests.e2e.session import Session

pytestmark = pytest.mark.e2e
CATALOGUE = "functions/workflows/catalogue/automations.local.json"
COST = 7
SOURCE = """
import json
import os
import time


class AutomationFailed(Exception):
    pass


def handler(event, context):
    action = event["parameters"]["do"]
    if action == "refuse":
        raise AutomationFailed(json.dumps({"code": "not_today", "message": "Not today."}))
    if action == "refuse badly":
        raise AutomationFailed("no JSON at all")
    if action == "crash":
        raise RuntimeError("a secret of the inside")
    if action == "hang":
        time.sleep(20)
    if action == "die":
        os._exit(1)
    answers = {
        "return garbage": {1, 2, 3},
        "return no number": float("nan"),
        "return too much": "x" * 1_000_000,
        "return a lot": "x" * 200_000,
        "return nothing": None,
    }
    return answers.get(action, {"run_id": event["run_id"], "input": event["input"]})
"""
MACHINE = {
    "StartAt": "Which",
    "States": {
        "Which": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.parameters.do", "StringEquals": "refuse", "Next": "Refuse"},
                {"Variable": "$.parameters.do", "StringEquals": "hang", "Next": "Hang"},
            ],
            "Default": "Answer",
        },
        "Refuse": {
            "Type": "Fail",
            "Error": "AutomationFailed",
            "Cause": json.dumps({"code": "not_today", "message": "Not today."}),
        },
        "Hang": {"Type": "Wait", "Seconds": 20, "Next": "Answer"},
        "Answer": {"Type": "Pass", "Parameters": {"from.$": "$.run_id"}, "End": True},
    },
}


def entry(automation_id: str, target: dict[str, str]) -> dict[str, Any]:
    """Write an entry of the catalogue."""
    return {
        "id": automation_id,
        "name": automation_id,
        "description": "Does what it is told.",
        "credit_cost": COST,
        "parameters_schema": {"type": "object", "properties": {"do": {"type": "string"}}},
        "timeout_seconds": 5,
        "retry": {"max_attempts": 1, "interval_seconds": 1, "backoff_rate": 1},
        "target": target,
    }


@pytest.fixture(scope="module", autouse=True)
def extended(stack: StackFile, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """Deploy a catalogue with a function and a state machine of the operator's."""
    operator = Operator(stack)
    function = operator.create_function("own-automation", SOURCE)
    machine = operator.client("stepfunctions").create_state_machine(
        name="own-machine",
        definition=json.dumps(MACHINE),
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/automation",
    )["stateMachineArn"]
    with changed_checkout(stack, tmp_path_factory.mktemp("checkout")) as checkout:
        file = Path(checkout.root, CATALOGUE)
        document = json.loads(file.read_text(encoding="utf-8"))
        document["automations"] += [
            entry("own-function", {"lambda_arn": function}),
            entry("own-machine", {"state_machine_arn": machine}),
        ]
        file.write_text(json.dumps(document), encoding="utf-8")
        checkout.deploy(checkout.synthesise("extended"))
        yield operator


def ran(user: Session, automation_id: str, do: str) -> dict[str, Any]:
    """Run an automation to its end."""
    workflow = user.engine.create_workflow(f"{automation_id} {do}", automation_id, {"do": do})
    assert workflow["credit_cost"] == COST
    return user.finished(user.engine.run(workflow["id"], {"n": 1}))


@pytest.fixture
def rich(user: Session) -> Session:
    """Register a user with credits."""
    user.buy_credits("starter")
    return user


@pytest.mark.parametrize(
    ("do", "output"),
    [("succeed", {"input": {"n": 1}}), ("return nothing", None)],
)
def test_an_automation_of_the_operators_runs_and_is_paid(
    rich: Session, do: str, output: object
) -> None:
    """Given an entry in the catalogue, a run hands over the input and brings back the output."""
    run = ran(rich, "own-function", do)
    assert run["status"] == "succeeded", run
    assert run["output"] == (output and {**output, "run_id": run["id"]})  # type: ignore[dict-item]
    reconcile(rich)


@pytest.mark.parametrize(
    ("do", "error"),
    [
        pytest.param("refuse", "not_today", id="refuses"),
        pytest.param("refuse badly", "automation_failed", id="refuses without saying why"),
        pytest.param("crash", "automation_failed", id="raises"),
        pytest.param("hang", "automation_timed_out", id="hangs"),
        pytest.param("die", "automation_failed", id="dies"),
        pytest.param("return garbage", "automation_failed", id="returns garbage"),
        pytest.param("return no number", "automation_failed", id="returns what JSON cannot say"),
        pytest.param("return too much", "output_too_large", id="returns too much"),
    ],
)
def test_an_automation_that_misbehaves_costs_nothing(rich: Session, do: str, error: str) -> None:
    """Given a run that fails, its credits are back, and nothing of the inside is shown."""
    before = rich.engine.account()["balance"]
    run = ran(rich, "own-function", do)
    assert (run["status"], run["error"]["code"]) == ("failed", error)
    assert "secret" not in json.dumps(run)
    assert rich.engine.account()["balance"] == before
    reconcile(rich)


def test_a_large_output_is_behind_a_link(rich: Session) -> None:
    """Given an output of 200 kB, the run shows a link to all of it."""
    run = ran(rich, "own-function", "return a lot")
    assert run["status"] == "succeeded", run
    assert run["output"]["bytes"] == 200_002
    assert requests.get(run["output"]["output_url"], timeout=10).json() == "x" * 200_000


@pytest.mark.parametrize(
    ("do", "status", "error"),
    [
        ("succeed", "succeeded", None),
        ("refuse", "failed", "not_today"),
        ("hang", "failed", "automation_timed_out"),
    ],
)
def test_a_state_machine_of_the_operators_is_an_automation_too(
    rich: Session, do: str, status: str, error: str | None
) -> None:
    """Given a state machine in the catalogue, its execution is the run."""
    run = ran(rich, "own-machine", do)
    assert run["status"] == status, run
    assert (run["error"] and run["error"]["code"]) == error
    if status == "succeeded":
        assert run["output"] == {"from": run["id"]}
    reconcile(rich)
