"""The Identity table in moto, keys in memory, and the functions started cold on them."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from identity.adapters.kms import Kms
from kernel import dynamodb
from tests.moto_aws import aws_in_memory, create_table
from tests.unit.identity.local_keys import LocalKeys

TABLE_NAME = "Identity"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "made-up",
    "AWS_SECRET_ACCESS_KEY": "made-up",
    "AWS_DEFAULT_REGION": "ap-southeast-1",
    "AWS_REGION": "ap-southeast-1",
    "POWERTOOLS_SERVICE_NAME": "identity",
    "POWERTOOLS_METRICS_NAMESPACE": "CreditEngine",
    "STAGE": "test",
    "IDENTITY_TABLE_NAME": TABLE_NAME,
    "SIGNING_KEY_IDS": "current,previous",
    "TOKEN_ISSUER": "https://issuer.example.com",
    "TOKEN_AUDIENCE": "credit-engine",
    "ACCESS_TOKEN_SECONDS": "900",
    "REFRESH_TOKEN_SECONDS": "2592000",
    "ADDRESS_FAILURES_LIMIT": "100",
    "ORIGIN_PROOF_SECRET_ARN": "-",
}

Event = dict[str, Any]
Call = Callable[..., Event]


@pytest.fixture
def keys() -> LocalKeys:
    """Stand in for KMS."""
    return LocalKeys()


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch, keys: LocalKeys) -> Iterator[str]:
    """Make an empty table, and the environment that every function here runs in."""
    monkeypatch.setattr(Kms, "from_environment", lambda: keys)
    with aws_in_memory(ENVIRONMENT):
        create_table(TABLE_NAME, listed=False)
        yield TABLE_NAME


@pytest.fixture
def call(table: str) -> Call:
    """Return a function that sends an event of `events/` to its function and reads the answer.

    `body` replaces the event's own, `user_id` what the authorizer said (`None`: nothing),
    `source_ip` the address that connected, and `headers` come beside the event's.
    """
    assert table

    def send(name: str, **changes: Any) -> Event:  # noqa: ANN401  # parts of an event
        folder = Path(name).parent.name
        event: Event = json.loads(Path("events", f"{name}.json").read_text(encoding="utf-8"))
        if "body" in changes:
            event["body"] = json.dumps(changes["body"])
        if "source_ip" in changes:
            event["requestContext"]["identity"]["sourceIp"] = changes["source_ip"]
        event["headers"] = {**(event["headers"] or {}), **changes.get("headers", {})}
        if "user_id" in changes:
            named = {"user_id": changes["user_id"]} if changes["user_id"] else {}
            event["requestContext"]["authorizer"] = named
        module = importlib.import_module(f"identity.{folder.removeprefix('identity_')}.handler")
        response: Event = importlib.reload(module).handler(event, None)
        body = json.loads(response["body"]) if response["body"] else None
        return {**response, "json": body}

    return send


@pytest.fixture
def items(table: str) -> Callable[[], list[Event]]:
    """Return a function that reads the whole table."""
    return lambda: [
        dynamodb.unmarshal(item) for item in dynamodb.client().scan(TableName=table)["Items"]
    ]
