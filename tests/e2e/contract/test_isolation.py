"""P01 to P04 over every route, generated from the document: nobody reaches what is another's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import pytest
import requests

from contract.write import OPENAPI
from tests.e2e.contract.document import DOCUMENT, Route, routes, verify_problem
from tests.e2e.session import Session

pytestmark = pytest.mark.e2e
Json = dict[str, Any]
EXTRA_MEMBERS: Final = ("balance", "role", "user_id")
SECONDS: Final = 30


WITH_ID: Final = [route for route in routes() if "{id}" in route.path]
WITH_BODY: Final = [
    route for route in routes() if route.body is not None and "webhooks" not in route.path
]
PROTECTED: Final = [route for route in routes() if not route.is_public]


class Owned(NamedTuple):
    """A user who has one of everything."""

    session: Session
    ids: dict[str, str]

    @property
    def token(self) -> str:
        """An access token of the user's."""
        tokens = self.session.engine.login(self.session.email, self.session.password)
        return str(tokens["access_token"])


@pytest.fixture(scope="module")
def owner(new_user: Callable[[], Session]) -> Owned:
    """Register a user and make a purchase, a workflow and a run."""
    user = new_user()
    purchase = user.buy_credits("starter")
    workflow = user.engine.create_workflow("Mine", "csv-summary", {"csv": "a\n1\n"})
    run = user.engine.run(workflow["id"])
    return Owned(
        user, {"purchases": purchase["id"], "workflows": workflow["id"], "runs": run["id"]}
    )


def call(
    stack_url: str, route: Route, *, token: str | None, body: Json | None = None, **ids: str
) -> requests.Response:
    """Call a route, with an idempotency key where it wants one."""
    headers = {"Idempotency-Key": "isolation-test"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    url = stack_url + route.path.format(**ids)
    return requests.request(route.method, url, json=body, headers=headers, timeout=SECONDS)


@pytest.mark.parametrize("route", WITH_ID, ids=str)
def test_p01_another_users_resource_is_out_of_reach(
    route: Route, owner: Owned, user: Session
) -> None:
    """P01: 403 for workflows, 404 for what others need not know of; the owner's stays as it was."""
    kind = route.path.split("/")[2]
    token = user.engine.login(user.email, user.password)["access_token"]
    before = owner.session.engine.call("GET", f"/v1/{kind}/{owner.ids[kind]}")

    response = call(user.stack.api_url, route, token=token, body=route.body, id=owner.ids[kind])

    problem = verify_problem(response)
    expected = {
        "workflows": (403, "workflow_not_owned"),
        "purchases": (404, "purchase_not_found"),
        "runs": (404, "run_not_found"),
    }
    assert (response.status_code, problem["code"]) == expected[kind]
    after = owner.session.engine.call("GET", f"/v1/{kind}/{owner.ids[kind]}")
    volatile = {"status", "output", "started_at", "finished_at", "error"}
    assert {k: v for k, v in after.items() if k not in volatile} == {
        k: v for k, v in before.items() if k not in volatile
    }


@pytest.mark.parametrize("route", WITH_ID, ids=str)
def test_an_id_that_nobody_has_is_not_found(route: Route, user: Session) -> None:
    """404, whatever the id looks like."""
    token = user.engine.login(user.email, user.password)["access_token"]
    for strange in ("wfl_00000000000000000000000000", "0", "%2e%2e", "a" * 500):
        response = call(user.stack.api_url, route, token=token, body=route.body, id=strange)
        problem = verify_problem(response)
        assert response.status_code == 404, strange
        assert problem["code"].endswith("_not_found")


def test_lists_hold_nothing_of_another_user(owner: Owned, user: Session) -> None:
    """P01: every list of a new user is empty, and a cursor of another's is refused."""
    assert owner.ids
    for path in ("/v1/purchases", "/v1/workflows", "/v1/runs", "/v1/account/ledger"):
        assert user.engine.call("GET", path)["data"] == [], path
    owner.session.engine.create_workflow("Second", "csv-summary", {"csv": "a\n1\n"})
    page = owner.session.engine.call("GET", "/v1/workflows", query={"limit": "1"})
    token = user.engine.login(user.email, user.password)["access_token"]
    response = requests.get(
        f"{user.stack.api_url}/v1/workflows",
        params={"cursor": page["next_cursor"]},
        headers={"Authorization": f"Bearer {token}"},
        timeout=SECONDS,
    )
    assert verify_problem(response)["code"] == "invalid_cursor"


@pytest.mark.parametrize("route", WITH_BODY, ids=str)
@pytest.mark.parametrize("member", EXTRA_MEMBERS)
def test_p02_members_that_nobody_asked_for_are_refused(
    route: Route, member: str, owner: Owned
) -> None:
    """P02: nobody sets a balance, a role or another user by adding it to a body."""
    body = {**(route.body or {}), member: "1000000"}
    kind = route.path.split("/")[2]
    ids = {"id": owner.ids.get(kind, "")}

    response = call(owner.session.stack.api_url, route, token=owner.token, body=body, **ids)

    problem = verify_problem(response)
    assert (response.status_code, problem["code"]) == (422, "validation_failed")
    assert f"/{member}" in [finding["pointer"] for finding in problem["errors"]]


@pytest.mark.parametrize("route", PROTECTED, ids=str)
@pytest.mark.parametrize("token", [None, "", "a.b.c"], ids=["none", "empty", "wrong"])
def test_p03_without_a_valid_token_nothing_is_answered(
    route: Route, token: str | None, owner: Owned
) -> None:
    """P03: the token says who asks; a `user_id` in query or headers says nothing."""
    url = owner.session.stack.api_url + route.path.format(id="wfl_00000000000000000000000000")
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    response = requests.request(
        route.method,
        url,
        params={"user_id": owner.session.user_id},
        json=route.body,
        headers={**headers, "user_id": owner.session.user_id},
        timeout=SECONDS,
    )
    assert verify_problem(response)["code"] == "unauthorized"
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("path", sorted(DOCUMENT["paths"]))
def test_p07_methods_that_are_not_documented_are_refused(path: str, user: Session) -> None:
    """P07: 405 before 401, and `Allow` names what there is."""
    documented = {method.upper() for method in DOCUMENT["paths"][path]}
    url = user.stack.api_url + path.format(id="x", file="docs.js")
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - documented:
        response = requests.request(method, url, timeout=SECONDS)
        assert verify_problem(response)["code"] == "method_not_allowed", method
        assert set(response.headers["Allow"].split(", ")) == documented


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/users", "/v1/me/x", "/v2/me"])
def test_p07_paths_that_are_not_documented_are_refused(path: str, user: Session) -> None:
    """P07: 404 from the gateway, in the form of every other error, token or not."""
    for headers in ({}, {"Authorization": "Bearer a.b.c"}):
        response = requests.get(user.stack.api_url + path, headers=headers, timeout=SECONDS)
        if path.startswith("/v1"):
            assert verify_problem(response)["code"] == "route_not_found"
        assert response.status_code == 404


def test_p07_the_served_document_is_the_committed_one(user: Session) -> None:
    """P07: byte for byte, so a client may pin it."""
    response = requests.get(f"{user.stack.api_url}/v1/openapi.json", timeout=SECONDS)
    assert response.content == OPENAPI.read_bytes()
    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert response.headers["Content-Type"] == "application/json"
