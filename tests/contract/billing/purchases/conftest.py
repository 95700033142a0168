"""Billing's table with its index, and Omise's side, for the adapters of purchases."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from billing.adapters import saga_signals
from kernel import dynamodb
from tests.unit.omise_sandbox.running import Background, Gateway, serve_gateway

TABLE = "Billing"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Mock AWS, with clients that were made inside of the mock."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-southeast-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        dynamodb.client.cache_clear()
        saga_signals.client.cache_clear()
        yield
    dynamodb.client.cache_clear()
    saga_signals.client.cache_clear()


@pytest.fixture
def table(aws: None) -> str:  # noqa: ARG001  # the mock must be there first
    """Make an empty table and give its name."""
    strings = ["pk", "sk", "list_key", "listed_at"]
    boto3.client("dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in strings],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by_user",
                "KeySchema": [
                    {"AttributeName": "list_key", "KeyType": "HASH"},
                    {"AttributeName": "listed_at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )
    return TABLE


@pytest.fixture
def sandbox() -> Iterator[Gateway]:
    """Serve a fresh Omise sandbox."""
    with Background() as background:
        yield serve_gateway(background)
