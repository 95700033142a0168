"""The main job, from registering to the ledger, through the real API."""

from __future__ import annotations

import json
from pathlib import Path

import boto3
import pytest
import requests

from credit_engine_client import ApiError
from local.layout import HERE
from local.stack_file import StackFile
from tests.e2e.session import Session

pytestmark = pytest.mark.e2e
CSV = "city,visitors\nChiang Mai,120\nPhuket,80\n"


def test_buy_run_and_look_at_the_ledger(user: Session) -> None:
    """A paid purchase gives exactly its credits, a run takes exactly its price."""
    package = user.engine.packages()[0]
    purchase = user.purchase_with_charge(package["id"])
    assert purchase["status"] == "pending"
    assert purchase["payment"]["qr_code_uri"].startswith("http")
    assert user.engine.account()["balance"] == 0

    paid = user.pay(purchase)
    credits = package["credits"] + package["bonus_credits"]
    assert [step["status"] for step in paid["history"]] == ["pending", "completed"]
    assert user.engine.account()["balance"] == credits

    workflow = user.engine.create_workflow("Visitors", "csv-summary", {"csv": CSV})
    run = user.engine.run(workflow["id"])
    assert run["balance_after"] == credits - workflow["credit_cost"]
    finished = user.finished(run)
    assert finished["status"] == "succeeded", finished
    assert finished["output"]["rows"] == 2

    entries = user.engine.ledger()
    assert [entry["entry_no"] for entry in entries] == list(range(len(entries), 0, -1))
    assert sum(entry["amount"] for entry in entries) == user.engine.account()["balance"]
    assert entries[0]["reference"] == {"kind": "run", "id": run["id"]}


def test_a_run_that_costs_more_than_is_there_is_refused(user: Session) -> None:
    """402 says what is required, available and missing, and changes nothing."""
    workflow = user.engine.create_workflow("Visitors", "csv-summary", {"csv": CSV})
    with pytest.raises(ApiError) as refusal:
        user.engine.run(workflow["id"])
    assert refusal.value.status == 402
    cost = workflow["credit_cost"]
    assert {
        name: refusal.value.problem[name] for name in ("required", "available", "shortfall")
    } == {
        "required": cost,
        "available": 0,
        "shortfall": cost,
    }
    assert user.engine.ledger() == []


def test_a_failed_run_gives_its_credits_back(user: Session) -> None:
    """What is no CSV fails the run, and the ledger shows the give-back."""
    user.buy_credits(user.engine.packages()[0]["id"])
    before = user.engine.account()["balance"]
    workflow = user.engine.create_workflow("Broken", "csv-summary", {"csv": 'a,b\n"x'})
    finished = user.finished(user.engine.run(workflow["id"]))
    assert (finished["status"], finished["error"]["code"]) == ("failed", "invalid_csv")
    assert user.engine.account()["balance"] == before
    assert user.engine.ledger()[0]["type"] == "spend_refund"


def test_the_synthesized_template_is_what_is_deployed(stack: StackFile) -> None:
    """Nothing is added, left out or changed on the way into the local stack."""
    cloudformation = boto3.client(
        "cloudformation",
        endpoint_url=stack.aws_endpoint_url,
        region_name=stack.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    deployed = cloudformation.get_template(StackName=stack.stack_name)["TemplateBody"]
    if isinstance(deployed, str):
        deployed = json.loads(deployed)
    synthesized = json.loads(Path(HERE.assembly, f"{stack.stack_name}.template.json").read_text())
    assert deployed == synthesized


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nowhere", 404, "route_not_found"),
        ("POST", "/v1/account", 405, "method_not_allowed"),
        ("GET", "/v1/account", 401, "unauthorized"),
    ],
)
def test_the_edge_answers_with_problem_documents(
    stack: StackFile, method: str, path: str, status: int, code: str
) -> None:
    """404 and 405 come before 401, and each is a problem document with a correlation id."""
    response = requests.request(method, stack.api_url + path, timeout=30)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["correlation_id"] == response.headers["X-Correlation-Id"]
