"""The refusals: which codes every route may answer, and what each code's document holds.

Status and title come from `kernel.problem.KINDS`; which codes a route adds of its own stands at
its operation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, NamedTuple, TypedDict

from contract.operation import Operation
from kernel import problem
from kernel.schema import Credits, Says

Json = dict[str, Any]

EVERYWHERE: Final = ("internal_error", "temporarily_unavailable", "too_many_requests")
WITH_TOKEN: Final = ("unauthorized",)
WITH_BODY: Final = ("card_data_refused", "malformed_json", "payload_too_large", "validation_failed")
UNROUTED: Final = ("method_not_allowed", "route_not_found")
"""Answered where there is no operation: by the gateway, and by `edge/service`."""

EXAMPLE_CORRELATION_ID: Final = "cor_7Qm2vXc9LpT4sKd8RwZb1Ny6Gh"


class ProblemDocument(TypedDict):
    """A problem document (RFC 9457). Programs compare `code`; `detail` is for people."""

    type: Annotated[str, Says("Identifies the kind of problem.", format="uri")]
    title: str
    status: int
    code: Annotated[str, Says("Stable, for programs.")]
    detail: Annotated[str, Says("One sentence for a person.")]
    correlation_id: Annotated[str, Says("Quote it when reporting the problem.")]


class FindingDocument(TypedDict):
    """One thing that is not valid."""

    pointer: Annotated[
        str,
        Says("Where: a JSON pointer (RFC 6901) into the body, or `/` and a parameter's name."),
    ]
    code: Annotated[str, Says("Stable, for programs.")]
    message: Annotated[str, Says("A sentence for a person; never repeats the value.")]


class _Validation(TypedDict):
    errors: Annotated[list[FindingDocument], Says("Every finding at once, at most 50.")]


class _MethodNotAllowed(TypedDict):
    allowed: Annotated[list[str], Says("The methods that the resource has.")]


class _InsufficientCredits(TypedDict):
    required: Annotated[Credits, Says("What the run costs.")]
    available: Annotated[Credits, Says("What the account has.")]
    shortfall: Annotated[Credits, Says("What is missing.")]
    top_up: Annotated[str, Says("Where to look for packages.")]


class _RetryAfter(TypedDict):
    retry_after: Annotated[int, Says("Seconds, as in the Retry-After header.", minimum=1)]


class Shape(NamedTuple):
    """What a code's document holds beside the members of all."""

    detail: str
    members: type | None = None
    example: Mapping[str, object] = {}


_FINDING: Final = {
    "pointer": "/email",
    "code": "email_invalid",
    "message": "The email address is not valid. It must have exactly one @-sign.",
}

SHAPES: Final[Mapping[str, Shape]] = {
    "account_busy": Shape("The account is busy. Try again.", _RetryAfter, {"retry_after": 1}),
    "automation_not_found": Shape("There is no such automation."),
    "card_data_refused": Shape(
        "Card data must not be sent here. Tokenise the card with Omise.js and send the token."
    ),
    "email_taken": Shape("An account with this e-mail address exists."),
    "idempotency_key_invalid": Shape(
        "The Idempotency-Key must be 1 to 255 printable ASCII characters."
    ),
    "idempotency_key_missing": Shape("Send an Idempotency-Key header with a unique value."),
    "idempotency_key_reused": Shape("This Idempotency-Key was used for another request."),
    "insufficient_credits": Shape(
        "This costs 25 credits; 10 are available.",
        _InsufficientCredits,
        {"required": 25, "available": 10, "shortfall": 15, "top_up": "/v1/packages"},
    ),
    "internal_error": Shape(
        "Something went wrong on our side. Quote the correlation id when you report it."
    ),
    "invalid_credentials": Shape("The e-mail address or the password is wrong."),
    "invalid_cursor": Shape("The cursor was not issued by this list."),
    "invalid_refresh_token": Shape("The refresh token is not valid. Log in again."),
    "malformed_json": Shape("The body is not valid JSON."),
    "method_not_allowed": Shape(
        "This resource does not support this method.", _MethodNotAllowed, {"allowed": ["GET"]}
    ),
    "package_not_found": Shape("There is no such package."),
    "payload_too_large": Shape("The body must not be larger than 64 KiB."),
    "purchase_not_found": Shape("There is no such purchase."),
    "route_not_found": Shape("There is nothing at this path."),
    "run_not_found": Shape("There is no such run."),
    "temporarily_unavailable": Shape("The service is busy. Try again."),
    "too_many_attempts": Shape("Try again in 4 seconds.", _RetryAfter, {"retry_after": 4}),
    "too_many_requests": Shape("Too many requests at once. Try again shortly."),
    "unauthorized": Shape("Send a valid access token."),
    "validation_failed": Shape("1 field is not valid.", _Validation, {"errors": [_FINDING]}),
    "version_conflict": Shape("The workflow was changed meanwhile. Read it and try again."),
    "webhook_rejected": Shape("The event was not accepted."),
    "workflow_archived": Shape("This workflow is archived."),
    "workflow_name_taken": Shape("You have another workflow of this name."),
    "workflow_not_found": Shape("There is no such workflow."),
    "workflow_not_owned": Shape("This workflow belongs to another user."),
}


def codes_of(operation: Operation, *, public: bool) -> list[str]:
    """Name every code that an operation may answer, its own and those of every route."""
    query = any(parameter.place == "query" for parameter in operation.parameters)
    codes = {
        *EVERYWHERE,
        *operation.problems,
        *(() if public else WITH_TOKEN),
        *(WITH_BODY if operation.body else ()),
        *(("validation_failed",) if query else ()),
    }
    return sorted(codes)


def example(code: str) -> Json:
    """Make an example of a code's document."""
    shape = SHAPES[code]
    return problem.document(code, shape.detail, EXAMPLE_CORRELATION_ID, shape.example)


def schema_name(code: str) -> str:
    """Name a code's schema: `account_busy` is `AccountBusyProblem`."""
    return "".join(part.capitalize() for part in code.split("_")) + "Problem"
