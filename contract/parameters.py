"""Parameters and headers that several operations share."""

from __future__ import annotations

from typing import Any, Final

from contract.operation import Parameter
from kernel.correlation import HEADER as CORRELATION_HEADER
from kernel.idempotency import REPLAYED_HEADER
from kernel.pagination import DEFAULT_LIMIT, MAX_LIMIT

Json = dict[str, Any]

CORRELATION_ID: Final = Parameter(
    CORRELATION_HEADER,
    "header",
    "An id of yours for everything that this request sets in motion: 1 to 128 of "
    "`A-Z a-z 0-9 . _ -`. Anything else is replaced, not refused.",
    {"type": "string"},
)
IDEMPOTENCY_KEY: Final = Parameter(
    "Idempotency-Key",
    "header",
    "1 to 255 printable ASCII characters, bare or quoted, made once per intent and kept over "
    "retries (IETF draft-ietf-httpapi-idempotency-key-header). The same key with the same request "
    "has no second effect; with another request it is refused. A refused request does not use it "
    "up.",
    # Not blank, and not the empty quoted key.
    {"type": "string", "maxLength": 255, "pattern": '^(?!""$)[!-~]([ -~]*[!-~])?$'},
    required=True,
    example="8e03978e-40d5-43e8-bc93-6894a57f9324",
)
PREFER: Final = Parameter(
    "Prefer",
    "header",
    "RFC 7240: `wait=N` waits up to N seconds (0 to 10, 5 without it) until the purchase can be "
    "paid; `respond-async` does not wait.",
    {"type": "string"},
    example="wait=5",
)
IF_MATCH: Final = Parameter(
    "If-Match",
    "header",
    'The version to change, as the `ETag` said it: `"3"`. Without it, or with `*`, any.',
    {"type": "string"},
    example='"1"',
)
LIMIT: Final = Parameter(
    "limit",
    "query",
    "How many to list.",
    {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
)
CURSOR: Final = Parameter(
    "cursor",
    "query",
    "Where to go on: `next_cursor` of the page before, with the same filters.",
    {"type": "string"},
)


def resource_id(what: str, prefix: str) -> Parameter:
    """Make the parameter of a path that names one resource."""
    pattern = f"^{prefix}_[0-9A-Za-z]{{20,40}}$"
    return Parameter(
        "id",
        "path",
        f"The {what}'s id.",
        {"type": "string", "pattern": pattern},
        required=True,
        example=f"{prefix}_4fB0mXo2aLq8sWc1ZtY7uRk9Ev",
    )


def filter_by(name: str, description: str, schema: Json) -> Parameter:
    """Make a query parameter that narrows a list."""
    return Parameter(name, "query", description, schema)


def _header(description: str, *, required: bool = True, **schema: object) -> Json:
    rendered = {"description": description, "schema": {"type": "string", **schema}}
    return {**rendered, "required": True} if required else rendered


HEADERS: Final[dict[str, Json]] = {
    CORRELATION_HEADER: _header("The id under which the logs hold this request.", minLength=1),
    "Cache-Control": _header("`no-store`, but for the public catalogues and documents."),
    "Strict-Transport-Security": _header("RFC 6797."),
    "X-Content-Type-Options": _header("Nothing is what it is not said to be.", const="nosniff"),
    "Location": _header("Where the resource is.", format="uri-reference"),
    "ETag": _header("The version, quoted; send it as `If-Match`.", pattern='^"[0-9]+"$'),
    REPLAYED_HEADER: _header(
        "`true` if the key had been used for this request.", required=False, const="true"
    ),
    "Retry-After": _header("Seconds to wait.", pattern="^[0-9]+$"),
    "WWW-Authenticate": _header("How to authenticate.", const="Bearer"),
    "Allow": _header("The methods that the resource has."),
}
ON_EVERY_RESPONSE: Final = (
    CORRELATION_HEADER,
    "Cache-Control",
    "Strict-Transport-Security",
    "X-Content-Type-Options",
)
HEADERS_OF_CODE: Final = {
    "unauthorized": ("WWW-Authenticate",),
    "account_busy": ("Retry-After",),
    "temporarily_unavailable": ("Retry-After",),
    "too_many_attempts": ("Retry-After",),
    "too_many_requests": ("Retry-After",),
    "method_not_allowed": ("Allow",),
}
