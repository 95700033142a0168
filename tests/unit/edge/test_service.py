"""The edge's function."""

from __future__ import annotations

import importlib
import json

import pytest

from kernel.http import Event, LambdaHandler


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> LambdaHandler:
    """Load the function with its settings."""
    monkeypatch.setenv("VERSION", "1.2.3")
    monkeypatch.setenv("ALLOWED_METHODS", json.dumps({"/v1/things": "GET, POST"}))
    loaded: LambdaHandler = importlib.reload(
        importlib.import_module("edge.service.handler")
    ).handler
    return loaded


def event(method: str, resource: str) -> Event:
    """Make API Gateway's event."""
    return {
        "resource": resource,
        "httpMethod": method,
        "headers": {},
        "requestContext": {"requestId": "r"},
        "body": None,
    }


def test_health_tells_the_version(handler: LambdaHandler) -> None:
    """Whoever watches the service sees that it answers."""
    response = handler(event("GET", "/v1/health"), None)
    assert json.loads(response["body"]) == {"status": "ok", "version": "1.2.3"}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD"])
def test_p07_other_methods_are_refused_with_those_that_exist(
    handler: LambdaHandler, method: str
) -> None:
    """P07: 405 names the methods in `Allow` (RFC 9110, section 15.5.6)."""
    response = handler(event(method, "/v1/things"), None)
    assert response["statusCode"] == 405
    assert response["headers"]["Allow"] == "GET, POST"
    assert json.loads(response["body"])["code"] == "method_not_allowed"
