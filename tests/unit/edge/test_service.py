"""The edge's function."""

from __future__ import annotations

import importlib
import json
import re

import pytest

from contract.write import OPENAPI
from edge.service import viewer
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


def test_the_document_is_the_committed_one(
    handler: LambdaHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Byte for byte, and browsers may keep it for five minutes."""
    monkeypatch.setattr(viewer, "FOLDER", OPENAPI.parent)
    response = handler(event("GET", "/v1/openapi.json"), None)
    assert response["body"] == OPENAPI.read_text(encoding="utf-8")
    assert response["headers"]["Content-Type"] == "application/json"
    assert response["headers"]["Cache-Control"] == "public, max-age=300"


def test_d08_the_page_lets_nothing_in_but_itself(handler: LambdaHandler) -> None:
    """D08: no inline script, and no other host for anything."""
    response = handler(event("GET", "/docs"), None)
    policy = response["headers"]["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["connect-src"] == "'self'"
    assert "//" not in policy
    assert "<script>" not in response["body"]
    assert not re.search(r"(src|href)=\"(https?:)?//", response["body"])


def test_the_page_asks_for_files_that_there_are(handler: LambdaHandler) -> None:
    """Every file that the page names is one that this function answers."""
    body = handler(event("GET", "/docs"), None)["body"]
    asked = set(re.findall(r"(?:src|href)=\"docs/([^\"]+)\"", body))
    assert asked == set(viewer.FILES)


@pytest.mark.parametrize("name", ["openapi.json", "../handler.py", "docs.html", "NOTICE", ""])
def test_no_other_file_is_shown(handler: LambdaHandler, name: str) -> None:
    """A name out of the list is looked up, never a path."""
    asked = {**event("GET", "/docs/{file}"), "pathParameters": {"file": name}}
    response = handler(asked, None)
    assert response["statusCode"] == 404
    assert json.loads(response["body"])["code"] == "route_not_found"


def test_our_script_is_shown_as_one(handler: LambdaHandler) -> None:
    """With `nosniff` a browser runs only what is called a script."""
    asked = {**event("GET", "/docs/{file}"), "pathParameters": {"file": "docs.js"}}
    response = handler(asked, None)
    assert response["headers"]["Content-Type"] == "text/javascript; charset=utf-8"
    assert "SwaggerUIBundle" in response["body"]
