"""The authorizer: allows the whole stage to a valid token, denies everything else, never raises."""

from __future__ import annotations

import ast
import copy
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity.adapters.access_tokens import AccessTokenIssuer, TokenTerms
from identity.adapters.kms import Kms
from identity.adapters.signing_keys import SigningKeys
from kernel.embedded_metrics import NAMESPACE
from kernel.errors import TemporarilyUnavailableError
from kernel.ids import new_id
from tests.unit.identity.local_keys import LocalKeys

ENVIRONMENT = {
    "SIGNING_KEY_IDS": "current,previous",
    "TOKEN_ISSUER": "https://issuer.example.com",
    "TOKEN_AUDIENCE": "credit-engine",
    "AWS_REGION": "ap-southeast-1",
    "AWS_ACCESS_KEY_ID": "made-up",
    "AWS_SECRET_ACCESS_KEY": "made-up",
    "POWERTOOLS_SERVICE_NAME": "identity",
}
EVENT_FILE = "events/identity_authorizer/request.json"
EVENT: dict[str, Any] = json.loads(Path(EVENT_FILE).read_text(encoding="utf-8"))
STAGE_ARN = "arn:aws:execute-api:ap-southeast-1:123456789012:abcde12345/live/*/*"
USER = new_id("usr")

Authorizer = Callable[[dict[str, Any], object], dict[str, Any]]


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> LocalKeys:
    """Stand in for KMS."""
    service = LocalKeys()
    monkeypatch.setattr(Kms, "from_environment", lambda: service)
    return service


@pytest.fixture
def authorizer(monkeypatch: pytest.MonkeyPatch, service: LocalKeys) -> Authorizer:
    """Start the function cold."""
    assert service.calls == 0
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    module = importlib.import_module("identity.authorizer.handler")
    handler: Authorizer = importlib.reload(module).handler
    return handler


def token(service: LocalKeys) -> str:
    """Issue a token with the key that signs."""
    terms = TokenTerms(ENVIRONMENT["TOKEN_ISSUER"], ENVIRONMENT["TOKEN_AUDIENCE"])
    keys = SigningKeys(service, ["current"])
    return AccessTokenIssuer(keys, terms, 900).issue(USER, datetime.now(UTC))


def event(authorization: str | None, header: str = "Authorization") -> dict[str, Any]:
    """Return the gateway's real event with this header."""
    changed = copy.deepcopy(EVENT)
    del changed["headers"]["Authorization"]
    if authorization is not None:
        changed["headers"][header] = authorization
    return changed


def statement(result: dict[str, Any]) -> tuple[str, str]:
    """Return effect and resource of a policy's only statement."""
    (only,) = result["policyDocument"]["Statement"]
    return only["Effect"], only["Resource"]


@pytest.mark.parametrize("header", ["Authorization", "authorization"])
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_p03_a_valid_token_allows_the_stage_and_names_the_user(
    authorizer: Authorizer, service: LocalKeys, header: str, scheme: str
) -> None:
    """Whatever the case of header and scheme; the policy fits every route, as it is cached."""
    result = authorizer(event(f"{scheme} {token(service)}", header), None)
    assert statement(result) == ("Allow", STAGE_ARN)
    assert result["context"] == {"user_id": USER}
    assert result["principalId"] == USER


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Basic dTpw", "Bearer not-a-token", "Token x", "Bearer a.b.c"],
)
def test_a01_anything_else_is_denied_and_names_nobody(
    authorizer: Authorizer, authorization: str | None
) -> None:
    """A denial carries no user id, so that no function could take one from it."""
    result = authorizer(event(authorization), None)
    assert statement(result) == ("Deny", STAGE_ARN)
    assert result["context"] == {}


def test_a01_a_token_of_another_key_is_denied(authorizer: Authorizer) -> None:
    """A token that is right in all but the key."""
    assert statement(authorizer(event(f"Bearer {token(LocalKeys())}"), None))[0] == "Deny"


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(authorization=st.text(max_size=200))
def test_a01_no_header_makes_it_fail(authorizer: Authorizer, authorization: str) -> None:
    """Any text in the header is denied, and nothing is raised."""
    assert statement(authorizer(event(authorization), None))[0] == "Deny"


def test_a_warm_authorizer_makes_no_call(authorizer: Authorizer, service: LocalKeys) -> None:
    """The keys are read for the first token, one call each, and never again."""
    good = token(service)
    issued = service.calls
    authorizer(event(f"Bearer {good}"), None)
    assert service.calls == issued + 2
    authorizer(event(f"Bearer {good}"), None)
    authorizer(event("Bearer not-a-token"), None)
    assert service.calls == issued + 2


def test_an_outage_of_kms_denies_nobody(
    authorizer: Authorizer, service: LocalKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A denial would be cached for a minute; a failure is not, and means: try again."""
    good = token(service)

    def down(_key_id: str) -> bytes:
        raise TemporarilyUnavailableError("down")

    with monkeypatch.context() as outage:
        outage.setattr(service, "public_key", down)
        with pytest.raises(TemporarilyUnavailableError):
            authorizer(event(f"Bearer {good}"), None)
    assert statement(authorizer(event(f"Bearer {good}"), None))[0] == "Allow"


def test_a_refused_token_is_a_security_event_without_the_token(
    authorizer: Authorizer, capsys: pytest.CaptureFixture[str]
) -> None:
    """The metric is counted by reason; the token stands nowhere."""
    authorizer(event("Bearer abcdef.ghijkl.mnopqr"), None)
    written = capsys.readouterr().out
    line = json.loads(written)
    assert (line["security_event"], line["reason"]) == ("TokenRefused", "malformed")
    assert line["request_id"] == EVENT["requestContext"]["requestId"]
    (metric,) = line["_aws"]["CloudWatchMetrics"]
    by_service, dimensions = metric["Dimensions"]
    assert by_service == ["service"]
    assert metric["Namespace"] == NAMESPACE
    assert metric["Metrics"] == [{"Name": "TokenRefused", "Unit": "Count"}]
    assert line["TokenRefused"] == 1
    assert {name: line[name] for name in dimensions} == {
        "reason": "malformed",
        "service": "identity",
    }
    assert "ghijkl" not in written


def imported(program: str, *names: str) -> list[str]:
    """Run a program in a fresh interpreter, and tell which modules it has imported by its end."""
    program += f"; import sys; print([name for name in {names} if name in sys.modules])"
    path = os.pathsep.join(["functions", "layers/shared/python"])
    done = subprocess.run(  # noqa: S603  # our own interpreter and program
        [sys.executable, "-c", program],
        env={**ENVIRONMENT, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found: list[str] = ast.literal_eval(done.stdout.splitlines()[-1])
    return found


def test_the_authorizer_imports_neither_boto3_nor_powertools() -> None:
    """What its cold start does without, in a fresh interpreter."""
    program = "import identity.authorizer.handler"
    names = ("boto3", "botocore", "aws_lambda_powertools", "pydantic")
    assert imported(program, *names) == []


def test_the_authorizer_never_imports_boto3() -> None:
    """Not even when it has looked at tokens, and reported one that it refused."""
    program = (
        "import json, pathlib; from identity.authorizer.handler import handler, _verifier;"
        f"event = json.loads(pathlib.Path('{EVENT_FILE}').read_text());"
        "refused = handler(event, None);"
        "_verifier.user_id = lambda token: 'usr_x';"
        "allowed = handler(event, None);"
        "effects = [r['policyDocument']['Statement'][0]['Effect'] for r in (refused, allowed)];"
        "assert effects == ['Deny', 'Allow'], effects"
    )
    assert imported(program, "boto3", "botocore") == []
