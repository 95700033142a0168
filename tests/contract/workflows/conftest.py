"""The services' tables, the outputs' bucket and a state machine, in memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from moto import mock_aws

from billing.adapters.ledger_store import LedgerStore
from billing.domain.commands import GrantPromo
from billing.domain.entry import Cause
from billing.domain.ledger import execute
from kernel import dynamodb, step_functions
from workflows.adapters import output_bucket

WORKFLOWS = "Workflows"
BILLING = "Billing"
OUTPUTS = "outputs"
_STRINGS = ("pk", "sk", "list_key", "listed_at")


@pytest.fixture(scope="package", autouse=True)
def _clients() -> Iterator[None]:
    """Make the clients once: that takes longer than a test. They hold nobody's credentials."""
    made: list[Any] = [dynamodb.client, output_bucket._client, step_functions.client]
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_DEFAULT_REGION", "ap-southeast-1")
        environment.setenv("AWS_ACCESS_KEY_ID", "testing")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        for client in made:
            client.cache_clear()
            client()
        yield
    for client in made:
        client.cache_clear()


@pytest.fixture(autouse=True)
def _aws(_clients: None) -> Iterator[None]:
    """Make both services' tables and the bucket."""
    with mock_aws():
        _create_table(WORKFLOWS)
        _create_table(BILLING)
        output_bucket._client().create_bucket(
            Bucket=OUTPUTS, CreateBucketConfiguration={"LocationConstraint": "ap-southeast-1"}
        )
        yield


@pytest.fixture
def grant_credits(_aws: None) -> Callable[[str, int], None]:
    """Return a function that gives a user credits."""

    def grant(user_id: str, credits_: int) -> None:
        command = GrantPromo(credits_, None, Cause("adjustment", "test", "cor_test"))
        now = datetime(2026, 1, 1, tzinfo=UTC)
        LedgerStore(BILLING).commit(
            user_id, lambda account: execute(account, command, now), lambda _: []
        )

    return grant


@pytest.fixture
def state_machine(_aws: None) -> str:
    """Make a state machine and give its ARN."""
    definition = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
    answer = step_functions.client().create_state_machine(
        name="runs",
        definition=json.dumps(definition),
        roleArn="arn:aws:iam::123456789012:role/runs",
    )
    return answer["stateMachineArn"]


def _create_table(name: str) -> None:
    dynamodb.client().create_table(
        TableName=name,
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
