"""The errors that the gateway itself makes, in the same form as those of the functions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from aws_cdk import aws_apigateway as apigateway

from kernel import problem
from kernel.correlation import HEADER as CORRELATION_HEADER
from kernel.headers import SECURITY_HEADERS

_Type = apigateway.ResponseType
# The template is no VTL, only these variables are filled in (API Gateway, gateway responses).
_REQUEST_ID: Final = "$context.requestId"
_RETRY_AFTER: Final = {"Retry-After": "1"}
_CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}
_OWN_HEADERS: Final = {**SECURITY_HEADERS, "Content-Type": problem.CONTENT_TYPE}


class GatewayError(NamedTuple):
    """What the gateway answers to one kind of its own errors."""

    types: Sequence[apigateway.ResponseType]
    code: str
    detail: str
    headers: Mapping[str, str] = {}
    members: Mapping[str, object] = {}


GATEWAY_ERRORS: Final = (
    GatewayError(
        # Without a route the gateway takes any Authorization header for AWS's own signature, so
        # an unknown path with a bearer token ends as a malformed or wrong one.
        (
            _Type.MISSING_AUTHENTICATION_TOKEN,
            _Type.RESOURCE_NOT_FOUND,
            _Type.INVALID_SIGNATURE,
            _Type.EXPIRED_TOKEN,
            _Type.DEFAULT_4_XX,
        ),
        "route_not_found",
        "There is nothing at this path.",
    ),
    GatewayError(
        (_Type.UNAUTHORIZED, _Type.ACCESS_DENIED, _Type.INVALID_API_KEY),
        "unauthorized",
        "Send a valid access token.",
        _CHALLENGE,
    ),
    GatewayError(
        (_Type.THROTTLED, _Type.QUOTA_EXCEEDED),
        "too_many_requests",
        "Too many requests at once. Try again shortly.",
        _RETRY_AFTER,
    ),
    GatewayError((_Type.REQUEST_TOO_LARGE,), "payload_too_large", "The request is too large."),
    GatewayError(
        (_Type.BAD_REQUEST_BODY, _Type.UNSUPPORTED_MEDIA_TYPE),
        "malformed_json",
        "The body is not valid JSON.",
    ),
    GatewayError(
        (_Type.BAD_REQUEST_PARAMETERS, _Type.WAF_FILTERED),
        "validation_failed",
        "The request is not acceptable.",
        members={"errors": []},
    ),
    GatewayError(
        (
            _Type.AUTHORIZER_FAILURE,
            _Type.AUTHORIZER_CONFIGURATION_ERROR,
            _Type.API_CONFIGURATION_ERROR,
            _Type.INTEGRATION_FAILURE,
            _Type.INTEGRATION_TIMEOUT,
            _Type.DEFAULT_5_XX,
        ),
        "temporarily_unavailable",
        "The service did not answer. Try again.",
        _RETRY_AFTER,
    ),
)


def add_gateway_responses(api: apigateway.RestApi, cors_origins: Sequence[str]) -> None:
    """Give every error of the gateway's the form of a problem document (RFC 9457).

    Parameters
    ----------
    api
        The API.
    cors_origins
        The origins whose scripts may read answers. These responses are static and so can name
        only one: with several, browsers show scripts the gateway's own errors as network errors.
    """
    origin = {"Access-Control-Allow-Origin": cors_origins[0]} if len(cors_origins) == 1 else {}
    for error in GATEWAY_ERRORS:
        for response_type in error.types:
            api.add_gateway_response(
                response_type.response_type,
                type=response_type,
                status_code=str(problem.KINDS[error.code].status),
                response_headers=_headers({**_OWN_HEADERS, **origin, **error.headers}),
                templates={"application/json": _template(error)},
            )


def _headers(fixed: Mapping[str, str]) -> dict[str, str]:
    quoted = {name: f"'{value}'" for name, value in fixed.items()}
    return {**quoted, CORRELATION_HEADER: "context.requestId"}


def _template(error: GatewayError) -> str:
    return json.dumps(problem.document(error.code, error.detail, _REQUEST_ID, error.members))
