"""The OpenAPI document: complete, valid, and what the code says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate

from billing.domain.ledger import InsufficientCreditsError
from billing.domain.packages import PackageNotFoundError
from billing.domain.purchase import PurchaseNotFoundError
from billing.domain.webhook_signature import WebhookRejectedError
from contract.check import breaks, stale
from contract.compatibility import resolved
from contract.operation import Operation
from contract.operations import OPERATIONS
from contract.problems import SHAPES, UNROUTED, codes_of
from contract.write import OPENAPI
from identity.domain.login_throttle import TooManyAttemptsError
from identity.domain.refresh_tokens import InvalidRefreshTokenError
from identity.domain.users import EmailTakenError, InvalidCredentialsError
from infra.routes import ROUTES
from kernel import problem
from kernel.card_data import CardDataRefusedError
from kernel.errors import DomainError
from workflows.domain.run import RunNotFoundError
from workflows.domain.workflow import (
    VersionConflictError,
    WorkflowArchivedError,
    WorkflowNameTakenError,
    WorkflowNotFoundError,
    WorkflowNotOwnedError,
)

Json = dict[str, Any]
DOCUMENT: Final[Json] = json.loads(OPENAPI.read_text(encoding="utf-8"))
PUBLIC: Final = {f"{route.method} {route.path}": route.public for route in ROUTES}


def operations() -> Iterator[tuple[str, Json]]:
    """Go through every operation of the document."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def examples() -> Iterator[tuple[str, Json, object]]:
    """Go through every example of a body, with the schema that it belongs to."""
    for name, operation in operations():
        for media in operation.get("requestBody", {}).get("content", {}).values():
            for key, example in media["examples"].items():
                yield f"{name} takes {key}", media["schema"], example["value"]
        for status, response in operation["responses"].items():
            for media in resolved(DOCUMENT, response).get("content", {}).values():
                shown = resolved_examples(media)
                for key, value in shown.items():
                    yield f"{name} answers {status} {key}", media["schema"], value


def resolved_examples(media: Json) -> dict[str, object]:
    """Return the examples of one media type."""
    named = {k: resolved(DOCUMENT, e)["value"] for k, e in media.get("examples", {}).items()}
    return {**named, **({"example": media["example"]} if "example" in media else {})}


def test_it_is_valid_openapi_3_1() -> None:
    """Any tool that reads OpenAPI 3.1 reads it."""
    assert DOCUMENT["openapi"].startswith("3.1")
    validate(DOCUMENT)


def test_p07_it_is_what_the_code_says() -> None:
    """P07: the committed documents are those that the code makes."""
    assert stale() == []


def test_no_client_of_the_released_document_breaks() -> None:
    """A breaking change needs the next major version."""
    assert breaks() == []


def test_every_route_is_documented_and_nothing_else() -> None:
    """The gateway's routes and the document's operations are the same."""
    assert {name for name, _ in operations()} == set(PUBLIC)


@pytest.mark.parametrize(("name", "schema", "value"), list(examples()), ids=lambda v: str(v)[:60])
def test_every_example_fits_its_schema(name: str, schema: Json, value: object) -> None:
    """An example that the schema refuses would teach a wrong request."""
    whole = {**schema, "components": DOCUMENT["components"]}
    validator = Draft202012Validator(whole, format_checker=FormatChecker())
    assert [error.message for error in validator.iter_errors(value)] == [], name


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_every_success_with_a_body_has_an_example(operation: Operation) -> None:
    """A developer sees what comes back."""
    in_json = [a for a in operation.answers if a.content_types == ("application/json",)]
    shown = [answer for answer in in_json if answer.document]
    assert all(a.example is not None for a in shown if operation.id != "getOpenApiDocument")


def test_p08_every_code_is_described_and_can_be_answered() -> None:
    """P08: the table of codes, their documents and the routes that answer them agree."""
    answered = {code for o in OPERATIONS for code in codes_of(o, public=PUBLIC[o.route])} | set(
        UNROUTED
    )
    assert set(SHAPES) == set(problem.KINDS) == answered


@pytest.mark.parametrize(
    "error",
    [
        CardDataRefusedError(),
        EmailTakenError(),
        InsufficientCreditsError(25, 10),
        InvalidCredentialsError(),
        InvalidRefreshTokenError("unknown"),
        PackageNotFoundError(),
        PurchaseNotFoundError(),
        RunNotFoundError(),
        TooManyAttemptsError(timedelta(seconds=4)),
        VersionConflictError(),
        WebhookRejectedError("signature_mismatch"),
        WorkflowArchivedError(),
        WorkflowNameTakenError(),
        WorkflowNotFoundError(),
        WorkflowNotOwnedError(),
    ],
    ids=lambda error: error.code,
)
def test_p08_a_code_is_shown_with_the_words_that_are_sent(error: DomainError) -> None:
    """P08: nobody looks for a sentence in the document that no function says."""
    shape = SHAPES[error.code]
    assert error.detail == shape.detail
    assert error.members.keys() == shape.example.keys()


def test_what_needs_a_token_says_so() -> None:
    """Security is documented where the authorizer is, and nowhere else."""
    for name, operation in operations():
        assert operation["security"] == ([] if PUBLIC[name] else [{"accessToken": []}]), name


def test_every_response_names_the_headers_of_all() -> None:
    """Correlation id, caching and the security headers are part of the contract."""
    always = {"X-Correlation-Id", "Cache-Control", "Strict-Transport-Security"}
    for name, operation in operations():
        for status, response in operation["responses"].items():
            assert always <= set(resolved(DOCUMENT, response)["headers"]), (name, status)


@pytest.mark.parametrize("status", ["429", "503"])
def test_every_route_may_ask_to_come_back_later(status: str) -> None:
    """The gateway throttles any route, and any route needs something that may be down."""
    for name, operation in operations():
        response = resolved(DOCUMENT, operation["responses"][status])
        assert "Retry-After" in response["headers"], name
