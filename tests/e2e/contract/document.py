"""The document, as the tests against the deployed stack read it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from jsonschema import Draft202012Validator

from contract.compatibility import resolved
from contract.write import OPENAPI

if TYPE_CHECKING:
    from requests import Response

Json = dict[str, Any]
DOCUMENT: Final[Json] = json.loads(OPENAPI.read_text(encoding="utf-8"))


class Route(NamedTuple):
    """One operation of the document."""

    method: str
    path: str
    operation: Json

    @property
    def id(self) -> str:
        """The operation's id."""
        return str(self.operation["operationId"])

    @property
    def bodies(self) -> dict[str, Json]:
        """Examples of bodies that the route takes, by name."""
        if "requestBody" not in self.operation:
            return {}
        examples = self.operation["requestBody"]["content"]["application/json"]["examples"]
        return {name: dict(example["value"]) for name, example in examples.items()}

    @property
    def body(self) -> Json | None:
        """A body that the route takes, if it takes any."""
        return next(iter(self.bodies.values()), None)

    @property
    def is_public(self) -> bool:
        """Whether anybody may call it."""
        return not self.operation["security"]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def routes() -> Iterator[Route]:
    """Go through every operation of the document."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield Route(method.upper(), path, operation)


def verify_answer(route: Route, status: int, headers: dict[str, str], text: str) -> Json:
    """Make sure that an answer is one that the document describes, member by member."""
    described = resolved(DOCUMENT, route.operation["responses"][str(status)])
    names = {name.lower() for name in headers}
    for name, header in described["headers"].items():
        if resolved(DOCUMENT, header).get("required"):
            assert name.lower() in names, name
    if "content" not in described:
        assert text == ""
        return {}
    media_type = next(v for k, v in headers.items() if k.lower() == "content-type").split(";")[0]
    schema = described["content"][media_type]["schema"]
    if not media_type.endswith("json"):
        return {}
    body: Json = json.loads(text)
    whole = _closed({**schema, "components": DOCUMENT["components"]})
    errors = [error.message for error in Draft202012Validator(whole).iter_errors(body)]
    assert errors == [], text
    return body


def _closed(schema: Any) -> Any:  # noqa: ANN401  # any part of a schema
    """Forbid members that the document does not name: clients ignore them, we know of none."""
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(part) for name, part in schema.items()}
    if schema.get("type") == "object" and "properties" in schema:
        closed.setdefault("additionalProperties", False)
    return closed


def verify_problem(response: Response) -> Json:
    """Make sure that an answer is a problem document as the contract has it, and return it."""
    assert response.headers["Content-Type"] == "application/problem+json"
    problem: Json = response.json()
    assert problem["status"] == response.status_code
    assert problem["correlation_id"] == response.headers["X-Correlation-Id"]
    assert "Traceback" not in response.text
    assert "arn:aws" not in response.text
    return problem
