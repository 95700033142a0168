"""A table with the index by user, and a state machine, in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from moto import mock_aws

from kernel import dynamodb, step_functions

TABLE = "Things"
_STRINGS = ("pk", "sk", "list_key", "listed_at")


@pytest.fixture(autouse=True)
def _aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make clients that hold nobody's credentials."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-southeast-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    made = (dynamodb.client, step_functions.client)
    for client in made:
        client.cache_clear()
    with mock_aws():
        yield
    for client in made:
        client.cache_clear()


@pytest.fixture
def table() -> str:
    """Make an empty table as the services have it."""
    dynamodb.client().create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in _STRINGS],
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
def state_machine() -> str:
    """Make a state machine and give its ARN."""
    definition = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
    answer = step_functions.client().create_state_machine(
        name="things",
        definition=json.dumps(definition),
        roleArn="arn:aws:iam::123456789012:role/things",
    )
    return answer["stateMachineArn"]
