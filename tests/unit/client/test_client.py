"""The client, checked against the document: every call that it makes is one that the API takes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from jsonschema import Draft202012Validator

from contract.write import OPENAPI
from credit_engine_client import ApiError, CreditEngine

Json = dict[str, Any]
DOCUMENT: Final[Json] = json.loads(OPENAPI.read_text(encoding="utf-8"))
ID: Final = "4fB0mXo2aLq8sWc1ZtY7uRk9Ev"
PAGE: Final[Json] = {"data": [], "keys": [], "next_cursor": None}
TOKENS: Final = {"access_token": "a", "refresh_token": "r"}
NOT_FOR_CLIENTS: Final = {"receiveOmiseEvent", "getDocs", "getDocsFile"}

CALLS: Final[dict[str, Callable[[CreditEngine], object]]] = {
    "register": lambda e: e.register("somchai@example.com", "mango sticky rice"),
    "login": lambda e: e.login("somchai@example.com", "mango sticky rice"),
    "refresh": lambda e: e.refresh(),
    "logout": lambda e: e.logout(),
    "getMe": lambda e: e.me(),
    "getSigningKeys": lambda e: e.signing_keys(),
    "listPackages": lambda e: e.packages(),
    "createPurchase": lambda e: e.buy("starter", wait_seconds=2),
    "getPurchase": lambda e: e.purchase(f"pur_{ID}"),
    "listPurchases": lambda e: list(e.purchases()),
    "getAccount": lambda e: e.account(),
    "listLedgerEntries": lambda e: e.ledger(type="spend"),
    "listAutomations": lambda e: e.automations(),
    "createWorkflow": lambda e: e.create_workflow("Sum", "csv-summary", {"csv": "a\n1\n"}),
    "getWorkflow": lambda e: e.workflow(f"wfl_{ID}"),
    "listWorkflows": lambda e: list(e.workflows(archived=True)),
    "updateWorkflow": lambda e: e.update_workflow(f"wfl_{ID}", {"name": "S"}, expected_version=1),
    "archiveWorkflow": lambda e: e.archive_workflow(f"wfl_{ID}", expected_version=1),
    "createRun": lambda e: e.run(f"wfl_{ID}", {"csv": "a\n1\n"}),
    "getRun": lambda e: e.get_run(f"run_{ID}"),
    "listRuns": lambda e: list(e.runs(status="queued")),
    "getHealth": lambda e: e.health(),
    "getOpenApiDocument": lambda e: e.openapi(),
}


class Wire:
    """Answers every request with the statuses that it is told, then 200."""

    def __init__(self, *answers: tuple[int, dict[str, str]]) -> None:
        self.answers = list(answers)
        self.requests: list[requests.PreparedRequest] = []
        self.slept: list[float] = []

    def send(self, request: requests.PreparedRequest, **_: object) -> requests.Response:
        """Take a request, as an adapter of `requests` does."""
        self.requests.append(request)
        status, headers = self.answers.pop(0) if self.answers else (200, {})
        response = requests.Response()
        response.status_code = status
        response.headers.update(headers)
        response._content = json.dumps({**PAGE, **TOKENS, "code": "busy"}).encode()
        response.url = str(request.url)
        return response

    def close(self) -> None:
        """End, as an adapter of `requests` does."""


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Callable[[Wire], CreditEngine]:
    """Make clients that talk to a wire instead of the network."""

    def make(wire: Wire) -> CreditEngine:
        monkeypatch.setattr(requests.Session, "get_adapter", lambda *_, **__: wire)
        return CreditEngine("https://api.example.com/live/", sleep=wire.slept.append)

    return make


def operations() -> dict[str, tuple[str, str, Json]]:
    """Return method, path and operation by id."""
    return {
        operation["operationId"]: (method.upper(), path, operation)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    }


def test_the_client_has_a_method_for_every_operation() -> None:
    """What an API offers, its client can do."""
    assert set(CALLS) == set(operations()) - NOT_FOR_CLIENTS


@pytest.mark.parametrize("operation_id", CALLS)
def test_every_call_is_one_that_the_document_describes(
    operation_id: str, connect: Callable[[Wire], CreditEngine]
) -> None:
    """Method, path, query, headers and body are all documented, and none that is needed lacks."""
    wire = Wire()
    CALLS[operation_id](connect(wire))
    (request,) = wire.requests
    method, path, operation = operations()[operation_id]
    url = urlsplit(str(request.url))
    assert request.method == method
    assert re.fullmatch("/live" + re.sub(r"\{\w+\}", "[^/]+", path), url.path)
    parameters = [p for p in operation["parameters"] if "$ref" not in p]
    assert dict(parse_qsl(url.query)).keys() <= {p["name"] for p in parameters}
    assert {p["name"] for p in parameters if p["in"] == "header" and p["required"]} <= set(
        request.headers
    )
    body = operation.get("requestBody")
    assert (request.body is not None) is (body is not None)
    if body is not None:
        schema = body["content"]["application/json"]["schema"]
        validator = Draft202012Validator({**schema, "components": DOCUMENT["components"]})
        assert [e.message for e in validator.iter_errors(json.loads(request.body or ""))] == []


def test_a_retry_keeps_its_idempotency_key(connect: Callable[[Wire], CreditEngine]) -> None:
    """503 is retried after the time that the API names, as the same request."""
    wire = Wire((503, {"Retry-After": "2"}), (503, {}))
    connect(wire).buy("starter")
    keys = {request.headers["Idempotency-Key"] for request in wire.requests}
    assert (len(wire.requests), len(keys)) == (3, 1)
    assert wire.slept[0] == 2.0


def test_each_intent_has_a_key_of_its_own(connect: Callable[[Wire], CreditEngine]) -> None:
    """Two honest equal purchases are two."""
    wire = Wire()
    engine = connect(wire)
    engine.buy("starter")
    engine.buy("starter")
    assert len({request.headers["Idempotency-Key"] for request in wire.requests}) == 2


def test_what_could_happen_twice_is_not_repeated(connect: Callable[[Wire], CreditEngine]) -> None:
    """A 503 to a POST without a key may have had an effect."""
    wire = Wire((503, {}))
    with pytest.raises(ApiError) as refusal:
        connect(wire).create_workflow("Sum", "csv-summary", {})
    assert (refusal.value.status, len(wire.requests)) == (503, 1)


def test_throttled_calls_are_repeated_whatever_they_are(
    connect: Callable[[Wire], CreditEngine],
) -> None:
    """429 says that nothing was done."""
    wire = Wire((429, {"Retry-After": "1"}))
    connect(wire).create_workflow("Sum", "csv-summary", {})
    assert (len(wire.requests), wire.slept) == (2, [1.0])


def test_a_long_wait_is_left_to_the_caller(connect: Callable[[Wire], CreditEngine]) -> None:
    """A client that silently waits a minute looks as if it hung."""
    wire = Wire((429, {"Retry-After": "60"}))
    with pytest.raises(ApiError):
        connect(wire).login("somchai@example.com", "mango sticky rice")
    assert wire.slept == []


def test_retries_end(connect: Callable[[Wire], CreditEngine]) -> None:
    """Five attempts, then the refusal is the answer."""
    wire = Wire(*[(503, {})] * 9)
    with pytest.raises(ApiError) as refusal:
        connect(wire).me()
    assert (len(wire.requests), refusal.value.code) == (5, "busy")
