"""The workflow routes as a client sees them, from the gateway's event to the table and back."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from billing.debit import Debits
from kernel import dynamodb
from kernel.aws.json_api import AwsRefusedError
from kernel.pagination import _check
from tests.contract.workflows.functions import Answer, Function, real_event
from tests.unit.workflows.samples import LATER, STRANGER, USER
from workflows.adapters.run_ledger import TransactionalRunLedger
from workflows.adapters.run_table import RunTable
from workflows.domain.failure import TIMED_OUT
from workflows.domain.run import StoredOutput

CSV = {"csv": "a,b\n1,2\n"}
PROBLEM = "application/problem+json"
Grant = Callable[[str, int], None]


class Client:
    """A client application behind the gateway, signed in as a user."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
        self._workflows = Function("workflows", monkeypatch)
        self._run_workflow = Function("run_workflow", monkeypatch, **settings)

    def call(
        self,
        name: str,
        *,
        id_: str = "",
        body: object = None,
        user: str | None = USER,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a real event, changed as told."""
        function = "run_workflow" if name == "run_workflow" else "workflows"
        event = real_event(function, "run" if name == "run_workflow" else name)
        event["requestContext"]["authorizer"] = {"user_id": user} if user else {}
        event["pathParameters"] = {"id": id_} if id_ else event["pathParameters"]
        event["headers"] = {**event["headers"], **(headers or {})}
        event["queryStringParameters"] = dict(query) if query is not None else None
        event["body"] = body if isinstance(body, str) else _dumps(body, event["body"])
        called = self._run_workflow if function == "run_workflow" else self._workflows
        return Answer(called.invoke(event))

    def created(self, **changes: object) -> dict[str, Any]:
        """Create a workflow and return it."""
        members = {"name": "Visitors", "automation_id": "csv-summary", "parameters": CSV}
        answer = self.call("create", body={**members, **changes})
        assert answer.status == 201, answer.body
        workflow: dict[str, Any] = answer.body
        return workflow

    def run(self, workflow_id: str, key: str = "k", **options: Any) -> Answer:  # noqa: ANN401  # passed on
        """Run a workflow."""
        headers = {"Idempotency-Key": key, **options.pop("headers", {})}
        return self.call("run_workflow", id_=workflow_id, headers=headers, **options)


def _dumps(body: object, default: str | None) -> str | None:
    return default if body is None else json.dumps(body)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    """Start the functions."""
    return Client(monkeypatch)


@pytest.fixture(
    params=[{}, {"GROUP_COMMIT_AFTER": "0"}], ids=["each debit by itself", "debits in groups"]
)
def runner(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Start the functions without and with group commit; nobody can tell."""
    return Client(monkeypatch, **request.param)


def refusal(answer: Answer) -> tuple[int, str]:
    """Return status and code of a problem document."""
    assert answer.headers["Content-Type"] == PROBLEM
    assert answer.body["correlation_id"] == answer.headers["X-Correlation-Id"]
    return answer.status, answer.body["code"]


def pointers(answer: Answer) -> set[str]:
    """Return what a validation error points at."""
    assert refusal(answer) == (422, "validation_failed")
    return {error["pointer"] for error in answer.body["errors"]}


def test_the_real_events_are_answered(client: Client, grant_credits: Grant) -> None:
    """Given the events of a workflow's life, each is answered with its success."""
    grant_credits(USER, 100)
    workflow = client.call("create").body

    run = client.run(workflow["id"]).body
    answers = [
        client.call("automations", user=None),
        client.call("list"),
        client.call("show", id_=workflow["id"]),
        client.call("edit", id_=workflow["id"]),
        client.call("runs"),
        client.call("run", id_=run["id"]),
        client.call("archive", id_=workflow["id"]),
    ]

    assert [answer.status for answer in answers] == [200] * 6 + [204]


def test_the_catalogue_is_public_and_cached(client: Client) -> None:
    """Given no user, the automations are shown with price and schema, and nothing inside."""
    answer = client.call("automations", user=None)

    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert [one["id"] for one in answer.body["data"]] == ["csv-summary", "website-check"]
    assert set(answer.body["data"][0]) == {
        "id",
        "name",
        "description",
        "credit_cost",
        "parameters_schema",
    }


def test_a_workflow_is_created(client: Client) -> None:
    """Given a valid body, the workflow is shown with its place, price and version."""
    answer = client.call(
        "create", body={"name": "  Visitors ", "automation_id": "csv-summary", "parameters": CSV}
    )

    workflow = answer.body
    assert answer.status == 201
    assert answer.headers["Location"] == f"/v1/workflows/{workflow['id']}"
    assert answer.headers["ETag"] == '"1"'
    assert set(workflow) == {
        "id",
        "name",
        "automation_id",
        "parameters",
        "credit_cost",
        "version",
        "created_at",
        "updated_at",
    }
    assert (workflow["name"], workflow["credit_cost"]) == ("Visitors", 10)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": "  "}, "/name"),
        ({"name": "x" * 101}, "/name"),
        ({"name": 5}, "/name"),
        ({"parameters": {"csv": "a", "unknown": 1}}, "/parameters/unknown"),
        ({"parameters": []}, "/parameters"),
        ({"automation_id": "website-check", "parameters": {"url": "no url"}}, "/parameters/url"),
        ({"automation_id": "website-check", "parameters": {}}, "/parameters/url"),
        ({"user_id": STRANGER}, "/user_id"),
        ({"credit_cost": 0}, "/credit_cost"),
    ],
)
def test_p02_a_body_that_is_not_as_it_must_be_is_refused(
    client: Client, changes: dict[str, object], pointer: str
) -> None:
    """Given one mistake, the answer points at it."""
    members = {"name": "N", "automation_id": "csv-summary", "parameters": CSV}

    assert pointers(client.call("create", body={**members, **changes})) == {pointer}


def test_a_name_of_100_characters_is_taken(client: Client) -> None:
    """Given the longest name with blanks around it, it is taken without them."""
    assert client.created(name=f" {'x' * 100} ")["name"] == "x" * 100


def test_an_unknown_automation_and_a_taken_name_are_refused(client: Client) -> None:
    """Given either, the answer says which."""
    client.created()
    body = {"name": "VISITORS", "automation_id": "csv-summary", "parameters": CSV}

    assert refusal(client.call("create", body=body)) == (409, "workflow_name_taken")
    unknown = client.call("create", body={**body, "automation_id": "gone"})
    assert refusal(unknown) == (404, "automation_not_found")


@pytest.mark.parametrize("body", ["", "{", "[1]"])
def test_a_body_that_is_no_object_is_refused(client: Client, body: str) -> None:
    """Given no JSON or no object, nothing is created."""
    assert client.call("create", body=body).status in {400, 422}


@pytest.mark.parametrize("name", ["create", "list", "show", "edit", "archive", "runs", "run"])
def test_p03_without_an_authorised_user_nothing_is_done(client: Client, name: str) -> None:
    """Given no user from the authorizer, every route refuses."""
    assert refusal(client.call(name, user=None)) == (401, "unauthorized")
    assert refusal(client.run("wfl_x", user=None)) == (401, "unauthorized")


@pytest.mark.parametrize("name", ["show", "edit", "archive", "run_workflow"])
def test_p01_another_users_workflow_is_forbidden(client: Client, name: str) -> None:
    """Given a workflow of another user, every route with its id refuses with 403."""
    workflow = client.created()

    answer = client.call(
        name, id_=workflow["id"], user=STRANGER, headers={"If-Match": "*", "Idempotency-Key": "k"}
    )

    assert refusal(answer) == (403, "workflow_not_owned")


@pytest.fixture
def _short_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the table refuse keys as DynamoDB itself does, and the mock does not."""
    table = dynamodb.client()
    call = table.call

    def refusing(operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        if "x" * 2048 in str(request):
            raise AwsRefusedError("ValidationException", {})
        return call(operation, request)

    monkeypatch.setattr(table, "call", refusing)


@pytest.mark.usefixtures("_short_keys")
@pytest.mark.parametrize("name", ["show", "edit", "archive", "run_workflow"])
@pytest.mark.parametrize("id_", ["wfl_none", f"wfl_{'A' * 22}", f"wfl_{'x' * 4000}"])
def test_an_unknown_workflow_is_not_found(client: Client, name: str, id_: str) -> None:
    """Given an id that nothing has or can have, every route with it refuses with 404."""
    assert refusal(client.call(name, id_=id_)) == (404, "workflow_not_found")


def test_an_edit_needs_the_version_that_is_stored(client: Client) -> None:
    """Given `If-Match` of the stored version, then of an older one, the second is refused."""
    id_ = client.created()["id"]

    edited = client.call("edit", id_=id_, body={"name": "New"}, headers={"If-Match": '"1"'})
    stale = client.call("edit", id_=id_, body={"name": "Newer"}, headers={"If-Match": '"1"'})

    assert (edited.body["name"], edited.headers["ETag"]) == ("New", '"2"')
    assert refusal(stale) == (412, "version_conflict")
    late = client.call("archive", id_=id_, headers={"If-Match": '"1"'})
    assert refusal(late) == (412, "version_conflict")


@pytest.mark.parametrize("body", [{"name": None}, {"automation_id": "website-check"}, {"name": ""}])
def test_p02_an_edit_refuses_what_cannot_be_edited(client: Client, body: dict[str, object]) -> None:
    """Given null, an empty name or another automation, the edit is refused."""
    id_ = client.created()["id"]

    assert pointers(client.call("edit", id_=id_, body=body)) == {f"/{next(iter(body))}"}


def test_an_archived_workflow_is_read_only(client: Client) -> None:
    """Given an archived workflow, it can be read and archived again, not changed or run."""
    id_ = client.created()["id"]
    assert client.call("archive", id_=id_).status == 204

    again = client.call("archive", id_=id_, headers={"If-Match": '"1"'})
    edit = client.call("edit", id_=id_, body={"name": "New"}, headers={"If-Match": "*"})

    assert (again.status, again.body) == (204, None)
    assert refusal(edit) == (409, "workflow_archived")
    assert refusal(client.run(id_)) == (409, "workflow_archived")
    assert "archived_at" in client.call("show", id_=id_).body
    assert client.call("list").body["data"] == []
    archived = client.call("list", query={"archived": "true"}).body["data"]
    assert [one["id"] for one in archived] == [id_]


def test_a_list_goes_on_with_its_cursor(client: Client) -> None:
    """Given three workflows, a page of two leads to a page of one."""
    names = {client.created(name=f"n{number}")["name"] for number in range(3)}

    first = client.call("list", query={"limit": "2"}).body
    second = client.call("list", query={"limit": "2", "cursor": first["next_cursor"]}).body

    assert {one["name"] for one in first["data"] + second["data"]} == names
    assert second["next_cursor"] is None
    foreign = client.call("list", query={"cursor": first["next_cursor"]}, user=STRANGER)
    assert refusal(foreign) == (400, "invalid_cursor")


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("list", {"limit": "0"}),
        ("list", {"archived": "yes"}),
        ("runs", {"limit": "101"}),
        ("runs", {"status": "done"}),
        ("runs", {"workflow_id": "run_x"}),
    ],
)
def test_p05_a_bad_query_is_refused(client: Client, name: str, query: dict[str, str]) -> None:
    """Given a parameter out of its range, the answer points at it."""
    assert pointers(client.call(name, query=query)) == {f"/{next(iter(query))}"}


@pytest.mark.parametrize("position", ["{}", '{"listed_at":1}', "[]", '"x"', '{"listed_at":""}'])
def test_a_forged_cursor_is_refused(client: Client, position: str) -> None:
    """Given a cursor made up with the right check, it is invalid and not an error of ours."""
    payload = position.encode()
    scope = f"workflows|{USER}|False"
    cursor = base64.urlsafe_b64encode(_check(scope, payload) + payload).decode().rstrip("=")

    answer = client.call("list", query={"cursor": cursor})

    assert refusal(answer) == (400, "invalid_cursor")


def test_a_run_is_accepted_and_paid(runner: Client, grant_credits: Grant) -> None:
    """Given credits, the run is queued, priced and found under its place."""
    grant_credits(USER, 15)
    workflow = runner.created()

    answer = runner.run(workflow["id"], body={"input": {"csv": "x\n1\n"}})

    run = answer.body
    assert answer.status == 202
    assert answer.headers["Location"] == f"/v1/runs/{run['id']}"
    assert "Idempotent-Replayed" not in answer.headers
    assert run == {
        "id": run["id"],
        "workflow_id": workflow["id"],
        "workflow_version": 1,
        "status": "queued",
        "credit_cost": 10,
        "balance_after": 5,
        "output": None,
        "error": None,
        "created_at": run["created_at"],
        "started_at": None,
        "finished_at": None,
    }
    assert runner.call("run", id_=run["id"]).body == run
    listed = runner.call("runs", query={"workflow_id": workflow["id"], "status": "queued"})
    assert listed.body == {"data": [run], "next_cursor": None}


def test_i02_a_repeated_request_is_the_same_run(runner: Client, grant_credits: Grant) -> None:
    """Given the same key, quoted or bare, and the same input, the run is replayed."""
    grant_credits(USER, 15)
    id_ = runner.created()["id"]
    first = runner.run(id_, "k", body={"input": {"csv": "x\n1\n"}})

    again = runner.run(id_, '"k"', body='{ "input" : {"csv":"x\\n1\\n"} }')

    assert (again.status, again.body) == (202, first.body)
    assert again.headers["Idempotent-Replayed"] == "true"


def test_i03_l06_another_request_under_a_key_is_refused(
    runner: Client, grant_credits: Grant
) -> None:
    """Given a key that was used, another input or another workflow gets 422."""
    grant_credits(USER, 50)
    one, two = runner.created(name="1")["id"], runner.created(name="2")["id"]
    runner.run(one, body={})

    for answer in (runner.run(one, body={"input": {}}), runner.run(two, body={})):
        assert refusal(answer) == (422, "idempotency_key_reused")


def test_i01_a_key_is_needed(client: Client) -> None:
    """Given no key or a malformed one, nothing is run."""
    malformed = client.run("wfl_x", "é", body={})

    assert refusal(malformed) == (400, "idempotency_key_invalid")
    assert refusal(_without_key(client)) == (400, "idempotency_key_missing")


def _without_key(client: Client) -> Answer:
    event = real_event("run_workflow", "run")
    del event["headers"]["Idempotency-Key"]
    return Answer(client._run_workflow.invoke(event))


def test_i07_too_few_credits_are_told_and_leave_the_key_unused(
    runner: Client, grant_credits: Grant
) -> None:
    """Given 4 credits for a run of 10, the answer says what is missing; later the key works."""
    grant_credits(USER, 4)
    id_ = runner.created()["id"]

    answer = runner.run(id_)
    grant_credits(USER, 6)

    assert refusal(answer) == (402, "insufficient_credits")
    told = {name: answer.body[name] for name in ("required", "available", "shortfall", "top_up")}
    assert told == {"required": 10, "available": 4, "shortfall": 6, "top_up": "/v1/packages"}
    assert "Idempotent-Replayed" not in runner.run(id_).headers


@pytest.mark.parametrize("body", ["", "  ", "{}", '{"input": null}'])
def test_a_run_needs_no_input(client: Client, grant_credits: Grant, body: str) -> None:
    """Given no body, an empty one or no input, the run is the same request."""
    grant_credits(USER, 10)
    id_ = client.created()["id"]
    client.run(id_, body="{}")

    assert client.run(id_, body=body).headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"input": "text"}, "/input"),
        ({"input": {"t": "x" * 32768}}, "/input"),
        ({"price": 0}, "/price"),
    ],
)
def test_p02_a_run_with_a_bad_body_is_refused(
    client: Client, body: dict[str, object], pointer: str
) -> None:
    """Given an input that is no object or too large, or an extra field, it is refused."""
    assert pointers(client.run(client.created()["id"], body=body)) == {pointer}


def test_p02_a_number_beyond_a_doubles_range_is_refused(client: Client) -> None:
    """Given `1e400`, which JSON allows and nothing here can hold, the input is refused."""
    answer = client.run(client.created()["id"], body='{"input":{"n":1e400}}')

    assert (answer.status, answer.body["code"]) == (400, "malformed_json")


def test_a_failed_run_shows_why(client: Client, grant_credits: Grant) -> None:
    """Given a run that was given back, it shows code and message of its failure."""
    grant_credits(USER, 10)
    run = client.run(client.created()["id"]).body
    stored = RunTable("Workflows").get(run["id"])
    assert stored is not None
    ledger = TransactionalRunLedger(Debits.of_table("Billing"), "Workflows")
    ledger.fail(stored, TIMED_OUT, LATER)

    shown = client.call("run", id_=run["id"]).body

    assert (shown["status"], shown["finished_at"]) == ("failed", "2026-03-14T09:27:00.000Z")
    assert shown["error"] == {"code": TIMED_OUT.code, "message": TIMED_OUT.message}


@pytest.mark.usefixtures("_short_keys")
def test_p01_another_users_run_is_not_found(client: Client, grant_credits: Grant) -> None:
    """Given a run of another user, it looks like none."""
    grant_credits(USER, 10)
    run = client.run(client.created()["id"]).body

    for answer in (
        client.call("run", id_=run["id"], user=STRANGER),
        client.call("run", id_="run_none"),
        client.call("run", id_=f"run_{'x' * 4000}"),
    ):
        assert refusal(answer) == (404, "run_not_found")


def test_an_output_is_shown_with_its_run(client: Client, grant_credits: Grant) -> None:
    """Given a run that succeeded with a small output, that is part of the run."""
    grant_credits(USER, 10)
    run = client.run(client.created()["id"]).body
    RunTable("Workflows").mark_succeeded(run["id"], StoredOutput({"rows": 1}, bytes=10), LATER)

    assert client.call("run", id_=run["id"]).body["output"] == {"rows": 1}


def test_a_large_output_is_shown_as_a_link(client: Client, grant_credits: Grant) -> None:
    """Given a run whose output is in the bucket, the run shows where and how large it is."""
    grant_credits(USER, 10)
    run = client.run(client.created()["id"]).body
    output = StoredOutput(key=f"runs/{run['id']}/output.json", bytes=123_456)
    stored = RunTable("Workflows").get(run["id"])
    assert stored is not None
    RunTable("Workflows").mark_succeeded(run["id"], output, stored.order.created_at)

    shown = client.call("run", id_=run["id"]).body

    assert shown["status"] == "succeeded"
    assert shown["output"]["bytes"] == 123_456
    assert f"runs/{run['id']}/output.json?" in shown["output"]["output_url"]
