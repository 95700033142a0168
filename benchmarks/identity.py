"""Warm requests of login and authorizer, and what their time tells an attacker."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from benchmarks.interpreters import ENVIRONMENT, ROOT
from benchmarks.stand_ins import AnsweringConnections, KeyInMemory
from identity.adapters import password_hashes
from identity.adapters.kms import Kms
from identity.domain.email_address import login_digest
from kernel import dynamodb
from kernel.ids import new_id
from kernel.observability import logger

_PASSWORD: Final = "an example passphrase"  # noqa: S105  # made up
_EMAIL: Final = "somchai@example.com"
_SETTINGS: Final = {
    "SIGNING_KEY_IDS": "current",
    "TOKEN_ISSUER": "https://issuer.example.com",
    "TOKEN_AUDIENCE": "credit-engine",
    "ACCESS_TOKEN_SECONDS": "900",
    "REFRESH_TOKEN_SECONDS": "2592000",
    "ADDRESS_FAILURES_LIMIT": "100",
    "IDENTITY_TABLE_NAME": "Identity",
}
_MILLISECONDS: Final = 1_000
_NAMES: Final = ("login", "authorizer")

Event = dict[str, Any]
Handler = Callable[[Event, object], Any]


def requests(tries: int) -> dict[str, float]:
    """Measure the CPU of warm requests, in milliseconds."""
    login, authorizer = _handlers()
    event = _login_event(_EMAIL, _PASSWORD)
    token = json.loads(login(event, None)["body"])["access_token"]
    authorization = _event("identity_authorizer/request.json")
    authorization["headers"]["Authorization"] = f"Bearer {token}"
    hashed = password_hashes.hashed(_PASSWORD)
    whole, hashing, authorizing = _medians(
        tries,
        lambda: login(event, None),
        lambda: password_hashes.matches(hashed, _PASSWORD),
        lambda: authorizer(authorization, None),
    )
    return {
        "login": whole,
        "login without the hash": whole - hashing,
        "authorizer": authorizing,
    }


def failed_logins(tries: int) -> list[str]:
    """Compare an unknown address with a wrong password, in turn (A03)."""
    login, _ = _handlers()
    unknown, wrong = _medians(
        tries,
        lambda: login(_login_event("nobody@example.com", "not the passphrase"), None),
        lambda: login(_login_event(_EMAIL, "not the passphrase"), None),
    )
    difference = abs(unknown - wrong) / max(unknown, wrong)
    return [
        f"unknown address {unknown:9.2f} ms",
        f"wrong password  {wrong:9.2f} ms",
        f"difference      {difference:9.1%}",
    ]


def _handlers() -> tuple[Handler, Handler]:
    """Start both functions in this process, on stand-ins of AWS."""
    os.environ.update({**ENVIRONMENT, **_SETTINGS})
    key = KeyInMemory()
    Kms.from_environment = classmethod(lambda _cls: key)  # type: ignore[assignment, method-assign]  # stands in
    logger.setLevel("CRITICAL")
    dynamodb.client.cache_clear()
    dynamodb.client().api.connections = AnsweringConnections(_answers())
    modules = [importlib.import_module(f"identity.{name}.handler") for name in _NAMES]
    login, authorizer = (importlib.reload(module).handler for module in modules)
    return _silent(login), _silent(authorizer)


def _answers() -> dict[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]]:
    """Know one account, and count every failure as the first one."""
    digest = login_digest(_EMAIL)
    account = dynamodb.marshal(
        {"user_id": new_id("usr"), "password_hash": password_hashes.hashed(_PASSWORD)}
    )
    failures = dynamodb.marshal(
        {
            "failures": 1,
            "last_failure_at": "2026-01-01T00:00:00.000Z",
            "window_ends_at": "2026-01-01T00:15:00.000Z",
        }
    )

    def batch_get(request: Mapping[str, Any]) -> Mapping[str, Any]:
        keys = request["RequestItems"]["Identity"]["Keys"]
        found = [{**key, **account} for key in keys if digest in key["pk"]["S"]]
        return {"Responses": {"Identity": found}, "UnprocessedKeys": {}}

    return {
        "BatchGetItem": batch_get,
        "PutItem": lambda _: {},
        "UpdateItem": lambda _: {"Attributes": failures},
    }


def _silent(handler: Handler) -> Handler:
    """Throw away what a function prints: metrics."""

    def call(event: Event, context: object) -> Any:  # noqa: ANN401  # whatever it returns
        with contextlib.redirect_stdout(io.StringIO()):
            return handler(event, context)

    return call


def _medians(tries: int, *calls: Callable[[], object]) -> list[float]:
    """Make calls in turn, and return the median CPU of each in milliseconds."""
    taken: list[list[float]] = [[] for _ in calls]
    for _ in range(tries):
        for call, seconds in zip(calls, taken, strict=True):
            start = time.process_time()
            call()
            seconds.append(time.process_time() - start)
    return [statistics.median(seconds) * _MILLISECONDS for seconds in taken]


def _login_event(email: str, password: str) -> Event:
    event = _event("identity_login/login.json")
    event["body"] = json.dumps({"email": email, "password": password})
    return event


def _event(path: str) -> Event:
    event: Event = json.loads((ROOT / "events" / path).read_text(encoding="utf-8"))
    return event
