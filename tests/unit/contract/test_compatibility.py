"""Which changes of the document break a client."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any, Final

import pytest

from contract.compatibility import breaking_changes
from contract.write import OPENAPI

Json = dict[str, Any]
Change = Callable[[Json], object]
DOCUMENT: Final[Json] = json.loads(OPENAPI.read_text(encoding="utf-8"))


def schema(document: Json, name: str) -> Json:
    """Find a named schema."""
    found: Json = document["components"]["schemas"][name]
    return found


def purchases(document: Json) -> Json:
    """Find `POST /v1/purchases`."""
    found: Json = document["paths"]["/v1/purchases"]["post"]
    return found


def runs(document: Json) -> Json:
    """Find `GET /v1/runs`."""
    found: Json = document["paths"]["/v1/runs"]["get"]
    return found


def parameter(operation: Json, name: str) -> Json:
    """Find a parameter."""
    return next(p for p in operation["parameters"] if p.get("name") == name)


BREAKING: Final[dict[str, Change]] = {
    "a path is removed": lambda d: d["paths"].pop("/v1/runs/{id}"),
    "a method is removed": lambda d: d["paths"]["/v1/workflows/{id}"].pop("delete"),
    "a public route asks for a token": lambda d: d["paths"]["/v1/packages"]["get"].update(
        security=[{"accessToken": []}]
    ),
    "a parameter is removed": lambda d: runs(d)["parameters"].remove(parameter(runs(d), "status")),
    "a parameter is asked for": lambda d: parameter(runs(d), "status").update(required=True),
    "a filter takes fewer values": lambda d: parameter(runs(d), "status")["schema"]["enum"].pop(),
    "a page may be smaller": lambda d: parameter(runs(d), "limit")["schema"].update(maximum=50),
    "a body becomes required": lambda d: d["paths"]["/v1/workflows/{id}/runs"]["post"][
        "requestBody"
    ].update(required=True),
    "a member of a body is removed": lambda d: schema(d, "WorkflowBody")["properties"].pop("name"),
    "a member of a body is asked for": lambda d: schema(d, "WorkflowChangeBody").update(
        required=["name"]
    ),
    "a member of a body is another type": lambda d: schema(d, "LoginBody")["properties"][
        "email"
    ].update(type="integer"),
    "a password must be longer": lambda d: schema(d, "RegisterBody")["properties"][
        "password"
    ].update(minLength=20),
    "a way to pay is removed": lambda d: purchases(d)["requestBody"]["content"][
        "application/json"
    ].update(schema={"$ref": "#/components/schemas/PromptPayPurchase"}),
    "a success status is removed": lambda d: purchases(d)["responses"].pop("202"),
    "a success status is added": lambda d: purchases(d)["responses"].update(
        {"200": purchases(d)["responses"]["201"]}
    ),
    "a header is removed": lambda d: purchases(d)["responses"]["201"]["headers"].pop("Location"),
    "a member of an answer is removed": lambda d: schema(d, "Account")["properties"].pop("debt"),
    "a member of an answer may be missing": lambda d: schema(d, "Account")["required"].remove(
        "debt"
    ),
    "a member of an answer is another type": lambda d: schema(d, "Account")["properties"][
        "balance"
    ].update(type="string"),
    "a member of an answer may be null": lambda d: schema(d, "Run")["properties"].update(
        balance_after={"anyOf": [{"type": "integer"}, {"type": "null"}]}
    ),
    "a deep member of an answer is removed": lambda d: schema(d, "Grant")["properties"].pop(
        "remaining"
    ),
    "a code has another status": lambda d: d["components"]["examples"]["email_taken"][
        "value"
    ].update(status=422),
}
HARMLESS: Final[dict[str, Change]] = {
    "nothing changes": lambda _: None,
    "a path is added": lambda d: d["paths"].update({"/v1/new": d["paths"]["/v1/me"]}),
    "an optional parameter is added": lambda d: runs(d)["parameters"].append(
        {"name": "q", "in": "query", "required": False, "schema": {"type": "string"}}
    ),
    "a filter takes more values": lambda d: parameter(runs(d), "status")["schema"]["enum"].append(
        "paused"
    ),
    "an optional member of a body is added": lambda d: schema(d, "WorkflowBody")[
        "properties"
    ].update(note={"type": "string"}),
    "a name may be longer": lambda d: schema(d, "WorkflowBody")["properties"]["name"].update(
        maxLength=200
    ),
    "a member of an answer is added": lambda d: schema(d, "Account")["properties"].update(
        note={"type": "string"}
    ),
    "an answer has one value more": lambda d: schema(d, "RunStatus")["enum"].append("paused"),
    "a code is added to a route": lambda d: runs(d)["responses"].update(
        {"404": {"$ref": "#/components/responses/workflow_not_found"}}
    ),
    "a description changes": lambda d: runs(d).update(summary="List"),
}


def changed(change: Change) -> Json:
    """Apply a change to a copy of the document."""
    document = copy.deepcopy(DOCUMENT)
    change(document)
    return document


@pytest.mark.parametrize("change", BREAKING.values(), ids=BREAKING.keys())
def test_a_change_that_breaks_clients_is_found(change: Change) -> None:
    """Removed or narrowed: a client that worked no longer does."""
    assert breaking_changes(DOCUMENT, changed(change))


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS.keys())
def test_an_addition_is_no_break(change: Change) -> None:
    """Additions need no new version."""
    assert breaking_changes(DOCUMENT, changed(change)) == []
