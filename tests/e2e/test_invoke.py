"""Every function on its event, as Lambda runs it, on what the deployed stack holds.

Lambda's runtime interface is emulated by the program that `sam local invoke` starts in its
container; code, layers and settings are those of the synthesized template.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from credit_engine_client import CreditEngine
from local.function_source import FunctionSource, functions_of
from local.invoke import call, running
from local.layout import HERE
from tests.e2e.session import Session

pytestmark = pytest.mark.e2e
Json = dict[str, Any]
SECONDS = 60


@dataclass(frozen=True)
class Function:
    """A function that runs.

    Parameters
    ----------
    source
        Which one.
    url
        Where it takes events.
    user
        Whom its events are about.
    """

    source: FunctionSource
    url: str
    user: Session

    def event(self, name: str) -> Json:
        """Read one of its events, made one of this user's."""
        file = HERE.root / "events" / self.source.events / f"{name}.json"
        event: Json = json.loads(file.read_text(encoding="utf-8"))
        if (event.get("requestContext") or {}).get("authorizer"):
            event["requestContext"]["authorizer"]["user_id"] = self.user.user_id
        return event

    def __call__(self, name: str, **changes: object) -> Any:  # noqa: ANN401  # what it answers
        """Run it on one of its events."""
        return call(self.url, self.event(name) | changes, SECONDS)

    def answers_as_the_api(self, name: str) -> Json:
        """Run it on a request, send the same through the front door, and demand one answer."""
        event = self.event(name)
        event["headers"]["X-Correlation-Id"] = "invoked-1"  # the gateway would make one up
        answer = call(self.url, event, SECONDS)
        response = requests.request(
            event["httpMethod"],
            self.user.stack.api_url + event["path"],
            params=event["queryStringParameters"],
            data=event["body"],
            headers={**event["headers"], **bearer(self.user), "Host": "127.0.0.1"},
            timeout=SECONDS,
        )
        assert (answer["statusCode"], body_of(answer)) == (response.status_code, response.json())
        for header, value in answer["headers"].items():
            assert response.headers[header] == value, header
        return body_of(answer)


Invoked = Callable[[str], Any]


@pytest.fixture
def function(user: Session, tmp_path: Path) -> Callable[[str], Any]:
    """Give a function by its logical id, for the length of a block."""

    @contextmanager
    def start(name: str) -> Iterator[Function]:
        source = functions_of(HERE.assembly)[name]
        with running(HERE, source, user.stack, tmp_path / "function.log") as url:
            yield Function(source, url, user)

    return start


def body_of(answer: Json) -> Json:
    """Parse an answer's body."""
    return dict(json.loads(answer["body"]))


def bearer(user: Session) -> dict[str, str]:
    """Make the header that says who asks."""
    token = user.engine.login(user.email, user.password)["access_token"]
    return {"Authorization": f"Bearer {token}"}


def test_account_answers_as_the_api(user: Session, function: Invoked) -> None:
    """Packages, account, ledger and purchases of somebody who bought."""
    user.buy_credits("starter")
    with function("BillingAccount") as account:
        assert account.answers_as_the_api("packages")["data"]
        assert account.answers_as_the_api("account")["balance"] == 100
        assert len(account.answers_as_the_api("purchases")["data"]) == 1
        account.answers_as_the_api("ledger")
        assert account.answers_as_the_api("purchase")["code"] == "purchase_not_found"


def test_purchase_opens_a_purchase_that_the_api_shows(user: Session, function: Invoked) -> None:
    """And the stream starts its saga, as for any other."""
    with function("BillingPurchase") as purchase:
        answer = purchase("promptpay")

    opened = body_of(answer)
    assert answer["statusCode"] in {201, 202}
    shown = user.until(lambda: user.engine.purchase(opened["id"]), lambda one: one["payment"])
    assert shown["credits"] == opened["credits"]


def test_webhook_refuses_what_the_api_refuses(function: Invoked) -> None:
    """The event's signature is long stale."""
    with function("BillingWebhook") as webhook:
        assert webhook.answers_as_the_api("charge_complete")["code"] == "webhook_rejected"


def test_purchase_saga_and_dispatch_leave_a_settled_purchase_alone(
    user: Session, function: Invoked
) -> None:
    """A step that comes again says how it ended, and a second delivery starts nothing."""
    settled = user.buy_credits("starter")
    with function("BillingSaga") as saga:
        for step in ("create_charge", "reconcile", "settle", "compensate"):
            assert saga(step, purchase_id=settled["id"]) == {"outcome": "completed"}
        assert saga("settle")["errorType"] == "PurchaseNotFoundError"
    with function("BillingDispatch") as dispatch:
        event = dispatch.event("new_purchase")
        stored = json.dumps(event).replace("pur_00000000000000000000000001", settled["id"])
        assert dispatch("new_purchase", **json.loads(stored)) == {"batchItemFailures": []}
    assert user.engine.account()["balance"] == 100


def test_refund_refuses_what_is_not_there(function: Invoked) -> None:
    """With the reason that operators read."""
    with function("BillingRefund") as refund:
        assert refund("reserve") == {"outcome": "refused", "reason": "purchase_not_found"}


def test_what_runs_by_the_clock_does_its_part(user: Session, function: Invoked) -> None:
    """The first part of each walk, and what the next one is."""
    user.buy_credits("starter")
    with function("BillingAudit") as audit:
        report = audit("first_part")
    assert report["entries"] > 0
    with function("BillingReconciliation") as reconciliation:
        assert reconciliation("first_part")["position"]["part"] == 2
    with function("BillingSweeper") as sweeper:
        assert sweeper("executions")["position"] is None
    with function("WorkflowsSweeper") as sweeper:
        assert sweeper("executions")["position"] is None


def test_register_login_and_session_open_sessions_that_the_api_takes(
    user: Session, function: Invoked
) -> None:
    """Tokens are signed by the deployed key, and who registers here can log in there."""
    with function("IdentityRegister") as register:
        new = json.loads(register.event("register")["body"])
        new["email"] = f"invoked.{user.email}"
        assert register("register", body=json.dumps(new))["statusCode"] == 201
    engine = CreditEngine(user.stack.api_url)
    engine.login(new["email"], new["password"])
    with function("IdentityLogin") as login:
        tokens = body_of(login("login", body=json.dumps(new)))
    with function("IdentitySession") as session:
        given = json.dumps({"refresh_token": tokens["refresh_token"]})
        renewed = body_of(session("refresh", body=given))
        assert session("refresh")["statusCode"] == 401
    me = requests.get(
        f"{user.stack.api_url}/v1/me",
        headers={"Authorization": f"Bearer {renewed['access_token']}"},
        timeout=SECONDS,
    )
    assert me.json()["email"] == new["email"]


def test_profile_answers_as_the_api(function: Invoked) -> None:
    """Who I am, and the public keys."""
    with function("IdentityProfile") as profile:
        profile.answers_as_the_api("me")
        assert profile.answers_as_the_api("jwks")["keys"]


def test_authorizer_lets_in_whom_the_api_lets_in(user: Session, function: Invoked) -> None:
    """A token of the deployed stack, and no other."""
    with function("IdentityAuthorizer") as authorizer:
        denied = authorizer("request")
        allowed = authorizer("request", headers=bearer(user))
    assert effect_of(denied) == "Deny"
    assert effect_of(allowed) == "Allow"
    assert allowed["context"] == {"user_id": user.user_id}


def effect_of(policy: Json) -> str:
    """Read whether a policy lets somebody in."""
    (statement,) = policy["policyDocument"]["Statement"]
    return str(statement["Effect"])


def test_workflows_answers_as_the_api(user: Session, function: Invoked) -> None:
    """What there is to run, and what the user made of it."""
    user.engine.create_workflow("Mine", "csv-summary", {"csv": "a\n1\n"})
    with function("WorkflowsWorkflows") as workflows:
        assert workflows.answers_as_the_api("automations")["data"]
        assert len(workflows.answers_as_the_api("list")["data"]) == 1
        workflows.answers_as_the_api("runs")
        assert workflows.answers_as_the_api("show")["code"] == "workflow_not_found"
        assert workflows.answers_as_the_api("run")["code"] == "run_not_found"
        created = workflows("create")
    assert created["statusCode"] == 201
    assert user.engine.workflow(body_of(created)["id"])["name"] == body_of(created)["name"]


def test_a_run_that_is_ordered_here_is_done_there(user: Session, function: Invoked) -> None:
    """The debit is on the ledger, and stream, dispatch and saga of the stack do the rest."""
    user.buy_credits("starter")
    workflow = user.engine.create_workflow("Mine", "csv-summary", {"csv": "a\n1\n"})
    with function("WorkflowsRunWorkflow") as run_workflow:
        ordered = run_workflow("run", pathParameters={"id": workflow["id"]}, body="{}")

    run = user.finished(body_of(ordered))
    assert (ordered["statusCode"], run["status"]) == (202, "succeeded")
    assert user.engine.account()["balance"] == 90
    with function("WorkflowsSaga") as saga:
        assert saga("mark_running", run_id=run["id"])["outcome"] == "settled"
        assert saga("mark_running")["errorType"] == "RunNotFoundError"
    with function("WorkflowsDispatch") as dispatch:
        event = json.dumps(dispatch.event("stream"))
        again = event.replace("run_7sKf4HjWm0QxTb6ZyRv2NcLpDa", run["id"])
        assert dispatch("stream", **json.loads(again)) == {"batchItemFailures": []}


def test_automations_do_their_work(function: Invoked) -> None:
    """Whatever the outside world says to the second one: it answers, or says why not."""
    with function("WorkflowsCsvSummary") as csv_summary:
        assert csv_summary("summarise")["rows"] == 2
    with function("WorkflowsWebsiteCheck") as website_check:
        assert website_check("check")["reachable"] in {True, False}


def test_operators_are_asked_who_they_are(function: Invoked) -> None:
    """The proof of an event is long stale, so nothing is shown and nothing is done."""
    for start, event in (
        (function("IdentityOperations"), "find_user"),
        (function("BillingOperations"), "adjust"),
        (function("BillingDispute"), "accept_dispute"),
        (function("WorkflowsOperations"), "replay"),
    ):
        with start as operations:
            assert operations(event)["problem"]["code"] == "caller_unknown"


def test_the_edge_answers_as_the_api(function: Invoked) -> None:
    """Health, and the methods that a resource has not."""
    with function("EdgeService") as edge:
        assert edge.answers_as_the_api("health")["status"] == "ok"
        edge.answers_as_the_api("method_not_allowed")


def test_no_function_is_left_out() -> None:
    """A function of the template that no test here runs is found."""
    text = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in functions_of(HERE.assembly) if f'function("{name}")' not in text] == []
