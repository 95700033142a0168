"""moto behind the engine's own clients of AWS: what they send and understand is the wire's form."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from unittest import mock

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from moto import mock_aws
from moto.core.models import botocore_stubber

from billing.adapters import saga_signals
from kernel import dynamodb, s3, secrets_manager
from kernel.aws import json_api
from kernel.aws.connections import ConnectionPool, Limits, Reply
from kernel.sagas import step_functions

ENVIRONMENT: Final = {
    "AWS_DEFAULT_REGION": "ap-southeast-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
}
_CLIENTS: Final[tuple[Any, ...]] = (
    dynamodb.client,
    saga_signals.client,
    secrets_manager.client,
    step_functions.client,
    s3.client,
)


class MotoConnections(ConnectionPool):
    """Leads to moto in this process; an endpoint that is not AWS's own is really called."""

    def __init__(self, endpoint: str, limits: Limits) -> None:
        super().__init__(endpoint.replace("https:", "http:"), limits)
        self._endpoint = endpoint

    def post(self, headers: Mapping[str, str], body: bytes) -> Reply:
        """Let moto answer."""
        given = HTTPHeaders()
        for name, value in headers.items():
            given[name] = value
        request = AWSPreparedRequest("POST", f"{self._endpoint}/", given, body, False)  # noqa: FBT003  # botocore's own
        answer = botocore_stubber.process_request(request)
        if answer is None:
            return super().post(headers, body)
        status, answered, content = answer
        if isinstance(content, str):
            content = content.encode()
        return Reply(status, content, {**answered}.get("x-amz-crc32"))


@contextmanager
def aws_in_memory(environment: Mapping[str, str] = ENVIRONMENT) -> Iterator[None]:
    """Keep tables, secrets and state machines in memory, and make clients that find them there."""
    with (
        mock.patch.dict(os.environ, environment),
        mock.patch.object(json_api, "ConnectionPool", MotoConnections),
        mock_aws(),
    ):
        forget_clients()
        yield
    forget_clients()


def forget_clients() -> None:
    """Let the next call of each service make its client anew."""
    for client in _CLIENTS:
        client.cache_clear()


def create_table(name: str, *, listed: bool = True) -> None:
    """Make a table as the services have it, with the index by user if wanted."""
    names = ["pk", "sk", *(["list_key", "listed_at"] if listed else [])]
    request: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": _key("pk", "sk"),
        "AttributeDefinitions": [{"AttributeName": one, "AttributeType": "S"} for one in names],
    }
    if listed:
        index = {"IndexName": "by_user", "KeySchema": _key("list_key", "listed_at")}
        request["GlobalSecondaryIndexes"] = [
            {**index, "Projection": {"ProjectionType": "KEYS_ONLY"}}
        ]
    dynamodb.client().call("CreateTable", request)


def delete_table(name: str) -> None:
    """Delete a table; moto copies whole ones at every transaction, so large ones are slow."""
    dynamodb.client().call("DeleteTable", {"TableName": name})


def create_state_machine(name: str) -> str:
    """Make a state machine and give its ARN."""
    request = {
        "name": name,
        "definition": '{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}',
        "roleArn": f"arn:aws:iam::123456789012:role/{name}",
    }
    arn: str = step_functions.client().call("CreateStateMachine", request)["stateMachineArn"]
    return arn


def _key(partition: str, sort: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]
