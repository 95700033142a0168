"""HTTP plumbing between API Gateway's proxy events and endpoints.

A function's handler module names its endpoints in a table and hands it to `api_handler`. What
every route has in common happens here once: the correlation id, the bounds of a body, refusing
card data, rendering errors as problem details, the security headers, and one log line a request.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from kernel import card_data, json_body, problem, settings
from kernel.correlation import HEADER as CORRELATION_HEADER
from kernel.correlation import correlation_id_of
from kernel.cors import Cors
from kernel.errors import DomainError
from kernel.headers import SECURITY_HEADERS
from kernel.observability import begin, logger
from kernel.query import Query

JSON: Final = "application/json"
# What the gateway puts in the place of bytes that are no UTF-8: two broken addresses would be one.
_NOT_UTF_8: Final = "\ufffd".encode()
PUBLIC_CACHE: Final = {"Cache-Control": "public, max-age=300"}


class UnauthorizedError(DomainError):
    """The request carries no identity that the authorizer confirmed."""

    code = "unauthorized"


class MethodNotAllowedError(DomainError):
    """The resource exists, but not with this method (RFC 9110, section 15.5.6).

    Parameters
    ----------
    allowed
        The methods that the resource has.
    """

    code = "method_not_allowed"

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__("This resource does not support this method.", allowed=list(allowed))
        self.allowed = tuple(allowed)


@dataclass(frozen=True)
class Request:
    """One HTTP request as an endpoint sees it.

    `headers` has its names in lower case; `body` holds the bytes as they were sent; `repeated`
    names the query parameters that were given more than once.
    """

    method: str
    route: str
    path_parameters: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    source_ip: str
    correlation_id: str
    authorizer: Mapping[str, str] = field(default_factory=dict)
    repeated: frozenset[str] = frozenset()

    @property
    def parameters(self) -> Query:
        """The query, to be read and verified."""
        return Query(self.query, self.repeated)

    @property
    def user_id(self) -> str:
        """The user whom the authorizer confirmed; nothing else names a user.

        Raises
        ------
        UnauthorizedError
            If the authorizer named none.
        """
        user_id = self.authorizer.get("user_id")
        if not user_id:
            raise UnauthorizedError("Send a valid access token.")
        return user_id

    @cached_property
    def json(self) -> object:
        """The body as a JSON value, free of members named like card data.

        Raises
        ------
        PayloadTooLargeError, MalformedJsonError, CardDataRefusedError
            If the body is none.
        """
        value = json_body.parse(self.body)
        if _NOT_UTF_8 in self.body:
            raise json_body.MalformedJsonError(
                "The body is not valid UTF-8, or holds U+FFFD: send that escaped."
            )
        card_data.refuse_card_fields(value)
        return value


@dataclass(frozen=True)
class Response:
    """What an endpoint answers; `body` is anything that JSON can say, or text as it is."""

    status: int
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON


Endpoint = Callable[[Request], Response]
Event = dict[str, Any]
LambdaHandler = Callable[[Event, object], Event]


def _not_allowed(_request: Request) -> Response:
    raise MethodNotAllowedError(())


def api_handler(
    endpoints: Mapping[str, Endpoint], fallback: Endpoint = _not_allowed
) -> LambdaHandler:
    """Make the Lambda handler that serves these endpoints.

    Parameters
    ----------
    endpoints
        Endpoint by method and resource as the gateway names it: `POST /v1/purchases`.
    fallback
        Answers what no endpoint is named for.
    """
    cors = settings.read(Cors)

    def handler(event: Event, _context: object) -> Event:
        request = request_of(event)
        begin(request.correlation_id, user_id=request.authorizer.get("user_id"))
        response = _respond(endpoints.get(request.route, fallback), request)
        logger.info("request", extra={"route": request.route, "status": response.status})
        about_request = {
            CORRELATION_HEADER: request.correlation_id,
            **cors.headers_for(request.headers),
        }
        return _render(response, about_request)

    return handler


def request_of(event: Event) -> Request:
    """Read API Gateway's REST proxy event (payload format 1.0)."""
    context = event["requestContext"]
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    return Request(
        method=event["httpMethod"],
        route=f"{event['httpMethod']} {event['resource']}",
        path_parameters=event.get("pathParameters") or {},
        query=event.get("queryStringParameters") or {},
        headers=headers,
        body=_raw_body(event),
        source_ip=context.get("identity", {}).get("sourceIp", ""),
        correlation_id=correlation_id_of(headers, context.get("requestId")),
        authorizer=context.get("authorizer") or {},
        repeated=_repeated(event.get("multiValueQueryStringParameters") or {}),
    )


def problem_response(
    error: DomainError, correlation_id: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Render a refusal as a problem document."""
    status = problem.KINDS[error.code].status
    return Response(
        status,
        problem.document(error.code, error.detail, correlation_id, error.members),
        {**_headers_of(error), **(headers or {})},
        problem.CONTENT_TYPE,
    )


def _respond(endpoint: Endpoint, request: Request) -> Response:
    try:
        return endpoint(request)
    except DomainError as error:
        return problem_response(error, request.correlation_id)
    except Exception:  # noqa: BLE001  # nothing may leave a handler: the gateway would show it
        logger.exception("unhandled")
        detail = "Something went wrong on our side. Quote the correlation id when you report it."
        return problem_response(_InternalError(detail), request.correlation_id)


class _InternalError(DomainError):
    """A defect of ours; the log holds the trace."""

    code = "internal_error"


def _headers_of(error: DomainError) -> dict[str, str]:
    """Name the headers that belong to an error's status (RFC 9110)."""
    headers = {}
    status = problem.KINDS[error.code].status
    if error.code == "unauthorized":
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, MethodNotAllowedError):
        headers["Allow"] = ", ".join(error.allowed)
    if status in {429, 503}:
        headers["Retry-After"] = str(error.members.get("retry_after", 1))
    return headers


def _repeated(parameters: Mapping[str, Sequence[str]]) -> frozenset[str]:
    return frozenset(name for name, values in parameters.items() if len(values) > 1)


def _raw_body(event: Event) -> bytes:
    body = event.get("body") or ""
    return base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()


def _render(response: Response, about_request: Mapping[str, str]) -> Event:
    headers = {**SECURITY_HEADERS, **about_request, **response.headers}
    text = ""
    if response.body is not None:
        headers["Content-Type"] = response.content_type
        text = response.body if isinstance(response.body, str) else _dumps(response.body)
    return {
        "statusCode": response.status,
        "headers": headers,
        "body": text,
        "isBase64Encoded": False,
    }


def _dumps(body: object) -> str:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)
