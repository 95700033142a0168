"""What changed before a restart can still be read after it, and what changes then is not missed."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.aws import Aws
from local.child import Child
from local.deploy import deploy
from local.emulator_alone import STOCK
from local.layout import STACK_NAME

ClientOf = Callable[[str, str], Any]
Start = Callable[[str], Aws]
StartIn = Callable[[str, Path], tuple[Child, Aws]]
pytestmark = pytest.mark.integration


@pytest.fixture
def start(start_emulator: StartIn, tmp_path: Path) -> Iterator[Start]:
    """Starts an emulator that goes on with the data of the one before, which it stops first."""
    running: list[Child] = []

    def restart(module: str) -> Aws:
        while running:
            running.pop().end()
        child, aws = start_emulator(module, tmp_path)
        running.append(child)
        return aws

    yield restart
    while running:
        running.pop().end()


class Table:
    """The toy's table on one emulator, and the function that its stream invokes."""

    def __init__(self, client_of: ClientOf, aws: Aws, outputs: dict[str, str]) -> None:
        self._name = outputs["BillingTableName"]
        self._group = f"/aws/lambda/{outputs['FunctionName']}"
        self._dynamodb = client_of(aws.endpoint_url, "dynamodb")
        self._streams = client_of(aws.endpoint_url, "dynamodbstreams")
        self._logs = client_of(aws.endpoint_url, "logs")

    def put(self, key: str) -> None:
        """Change the table."""
        self._dynamodb.put_item(TableName=self._name, Item={"pk": {"S": key}})

    def readable(self) -> list[str]:
        """List the keys in the stream, from its beginning."""
        arn = self._dynamodb.describe_table(TableName=self._name)["Table"]["LatestStreamArn"]
        (shard,) = self._streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        iterator = self._streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        records = self._streams.get_records(ShardIterator=iterator)["Records"]
        return [record["dynamodb"]["Keys"]["pk"]["S"] for record in records]

    def await_seen(self, key: str) -> None:
        """Return once the function has logged a change."""
        for _ in range(200):
            if any(key in keys for keys in self._logged()):
                return
            time.sleep(0.05)
        raise AssertionError(f"the function never saw {key}")

    def _logged(self) -> Iterator[list[str]]:
        groups = self._logs.describe_log_groups(logGroupNamePrefix=self._group)["logGroups"]
        for group in groups:
            events = self._logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
            for event in events:
                if event["message"].startswith("{"):
                    yield json.loads(event["message"])["changed"]


def test_a_stream_goes_on_where_it_was(
    start: Start, client_of: ClientOf, toy_assembly: Path
) -> None:
    """Given changes that were read, when the emulator restarts, then the stream goes on."""
    aws = start("local.emulator")
    outputs = deploy(aws, toy_assembly, STACK_NAME)
    before = Table(client_of, aws, outputs)
    before.put("one")
    before.put("two")
    before.await_seen("two")

    after = Table(client_of, start("local.emulator"), outputs)
    assert after.readable() == ["one", "two"]

    after.put("three")
    after.await_seen("three")


def test_stock_emulator_still_loses_streams(
    start: Start, client_of: ClientOf, toy_assembly: Path
) -> None:
    """When this fails, the gap is closed upstream: `local.emulator.durable_streams` can go."""
    aws = start(STOCK)
    outputs = deploy(aws, toy_assembly, STACK_NAME)
    before = Table(client_of, aws, outputs)
    before.put("one")
    assert before.readable() == ["one"]

    assert Table(client_of, start(STOCK), outputs).readable() == []
