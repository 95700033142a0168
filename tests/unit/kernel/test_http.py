"""What every route has in common: correlation, bounds, errors, headers."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from kernel import problem
from kernel.errors import DomainError, TemporarilyUnavailableError
from kernel.http import Event, Request, Response, api_handler


def event(**changes: Any) -> Event:  # noqa: ANN401  # any part of an event
    """Make API Gateway's event for `POST /v1/things`."""
    return {
        "resource": "/v1/things",
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json"},
        "queryStringParameters": None,
        "pathParameters": None,
        "requestContext": {
            "requestId": "gateway-request-1",
            "identity": {"sourceIp": "192.0.2.1"},
            "authorizer": {"user_id": "usr_00000000000000000000"},
        },
        "body": '{"a": 1}',
        "isBase64Encoded": False,
        **changes,
    }


def answer(endpoint: Any, **changes: Any) -> Event:  # noqa: ANN401  # any endpoint
    """Serve one event with one endpoint."""
    return api_handler({"POST /v1/things": endpoint})(event(**changes), None)


def echo(request: Request) -> Response:
    """Answer with the body."""
    return Response(200, request.json)


def refuse(_request: Request) -> Response:
    """Refuse."""
    raise TemporarilyUnavailableError("Try again.")


def test_a_correlation_id_is_taken_over() -> None:
    """A well-formed id of the caller's comes back."""
    response = answer(echo, headers={"x-correlation-id": "order.7-B_1"})
    assert response["headers"]["X-Correlation-Id"] == "order.7-B_1"


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, "ö", "a\nb"])
def test_a_malformed_correlation_id_is_replaced(given: str) -> None:
    """Anything else is replaced by the gateway's request id."""
    response = answer(echo, headers={"X-Correlation-Id": given})
    assert response["headers"]["X-Correlation-Id"] == "gateway-request-1"


def test_every_response_carries_the_security_headers() -> None:
    """Nothing is cached, sniffed, or fetched without TLS."""
    headers = answer(echo)["headers"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "max-age" in headers["Strict-Transport-Security"]


@pytest.mark.parametrize("status", [200, 503])
def test_an_origin_that_is_let_in_may_read_every_answer(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers and refusals name the origin that asked, and the headers that it may read."""
    monkeypatch.setenv("CORS_ORIGINS", "https://shop.example.com,https://admin.example.com")
    endpoint = echo if status == 200 else refuse
    response = answer(endpoint, headers={"Origin": "https://admin.example.com"})
    headers = response["headers"]
    assert response["statusCode"] == status
    assert headers["Access-Control-Allow-Origin"] == "https://admin.example.com"
    assert "X-Correlation-Id" in headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in headers
    assert headers["Vary"] == "Origin"


@pytest.mark.parametrize("origin", ["https://evil.example.com", "https://shop.example.com.evil"])
def test_any_other_origin_reads_nothing(origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is reflected, and caches keep the answers apart."""
    monkeypatch.setenv("CORS_ORIGINS", "https://shop.example.com")
    headers = answer(echo, headers={"Origin": origin})["headers"]
    assert "Access-Control-Allow-Origin" not in headers
    assert headers["Vary"] == "Origin"


def test_without_other_origins_nothing_is_said_about_them() -> None:
    """The console is on the API's own origin."""
    headers = answer(echo, headers={"Origin": "https://shop.example.com"})["headers"]
    assert not {name for name in headers if name.startswith("Access-Control") or name == "Vary"}


def test_a_base64_body_is_the_same_body() -> None:
    """The gateway's encoding changes nothing."""
    encoded = base64.b64encode(b'{"a": 1}').decode()
    assert json.loads(answer(echo, body=encoded, isBase64Encoded=True)["body"]) == {"a": 1}


def test_a_replacement_character_can_be_said_in_escapes() -> None:
    """Only as bytes it cannot be told from what the gateway put there."""
    escaped = json.dumps({"a": "\ufffd"})
    assert json.loads(answer(echo, body=escaped)["body"]) == {"a": "\ufffd"}


@pytest.mark.parametrize(
    ("body", "code", "status"),
    [
        ("{", "malformed_json", 400),
        ('{"a": NaN}', "malformed_json", 400),
        ('{"a": 1e400}', "malformed_json", 400),
        ('{"a": 1, "a": 2}', "malformed_json", 400),
        ('{"a": "\\ud800"}', "malformed_json", 400),
        ("[" * 17 + "]" * 17, "malformed_json", 400),
        ('{"a": "\ufffd"}', "malformed_json", 400),  # the gateway's, for what is not UTF-8
        ("[" * 100_000, "payload_too_large", 413),
        ('{"a": "' + "x" * 65536 + '"}', "payload_too_large", 413),
        ('{"cvc": "123"}', "card_data_refused", 422),
        ('{"a": [{"Card-Number": "1"}]}', "card_data_refused", 422),
        ('{"card": {"number": "1"}}', "card_data_refused", 422),
    ],
)
def test_p05_bodies_that_are_refused(body: str, code: str, status: int) -> None:
    """P05: syntax, depth, size and card data each have their code."""
    response = answer(echo, body=body)
    document = json.loads(response["body"])
    assert (response["statusCode"], document["code"]) == (status, code)
    assert response["headers"]["Content-Type"] == "application/problem+json"


def test_p05_sixteen_levels_are_fine() -> None:
    """P05: the bound itself is allowed."""
    assert answer(echo, body="[" * 16 + "]" * 16)["statusCode"] == 200


def test_p03_without_a_user_from_the_authorizer_nothing_is_served() -> None:
    """P03: an endpoint that asks for the user gets none from anywhere else."""
    context = {"requestId": "r", "authorizer": {}}
    response = answer(
        lambda request: Response(200, request.user_id),
        requestContext=context,
        body='{"user_id": "usr_00000000000000000000"}',
        headers={"user_id": "usr_00000000000000000000"},
    )
    assert response["statusCode"] == 401
    assert response["headers"]["WWW-Authenticate"] == "Bearer"


def test_p04_a_defect_shows_nothing_of_itself() -> None:
    """P04: an unexpected exception is a problem document with a correlation id, and no more."""

    def broken(_request: Request) -> Response:
        raise RuntimeError("table Billing-7F is on fire")

    response = answer(broken)
    document = json.loads(response["body"])
    assert response["statusCode"] == 500
    assert document["code"] == "internal_error"
    assert document["correlation_id"] == "gateway-request-1"
    assert "fire" not in response["body"]


def test_a_temporary_failure_says_when_to_try_again() -> None:
    """503 comes with Retry-After."""

    def busy(_request: Request) -> Response:
        raise TemporarilyUnavailableError("Try again.", retry_after=3)

    response = answer(busy)
    assert response["statusCode"] == 503
    assert response["headers"]["Retry-After"] == "3"


def test_a_method_without_an_endpoint_is_not_allowed() -> None:
    """A function that is asked for what it does not serve says so."""
    response = answer(echo, httpMethod="PUT")
    assert response["statusCode"] == 405
    assert "Allow" in response["headers"]


def _all_errors(base: type[DomainError]) -> list[type[DomainError]]:
    subclasses = base.__subclasses__()
    return subclasses + [found for sub in subclasses for found in _all_errors(sub)]


def test_p08_every_domain_error_has_exactly_one_status() -> None:
    """P08: each error's code stands in the one table."""
    errors = _all_errors(DomainError)
    assert len(errors) > 10
    for error in errors:
        assert error.code in problem.KINDS, error
