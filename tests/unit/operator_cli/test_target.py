"""Which stack is operated, and the queue that is cleared; in moto's memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from operator_cli import parked
from operator_cli.errors import CommandError, Exit
from operator_cli.target import Target, find_target

REGION = "ap-southeast-1"
NOTHING: dict[str, Any] = {"stack_name": None, "region": None, "endpoint_url": None}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Mock AWS."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield


def target(stage: str = "prod", **changes: Any) -> Target:  # noqa: ANN401  # options
    """Find a stack."""
    return find_target(stage, **{**NOTHING, "stack_file": None, **changes})


@pytest.mark.usefixtures("aws")
def test_a_stage_names_its_stack_and_the_stack_its_parts() -> None:
    """Given a deployed stack, its outputs are found by its stage."""
    template = {
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {"BillingOperationsName": {"Value": "function-1"}},
    }
    cloudformation = boto3.client("cloudformation", region_name=REGION)
    cloudformation.create_stack(StackName="CreditEngine-prod", TemplateBody=json.dumps(template))
    assert target().output("BillingOperationsName") == "function-1"
    with pytest.raises(CommandError, match="no output Nothing"):
        target().output("Nothing")


@pytest.mark.usefixtures("aws")
def test_a_stack_that_is_not_there_is_told() -> None:
    """Given another name, the message has it."""
    with pytest.raises(CommandError, match="Elsewhere"):
        target(stack_name="Elsewhere").output("BillingOperationsName")


def test_without_credentials_nothing_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given no credentials, that is the message."""
    monkeypatch.setattr(boto3.Session, "get_credentials", lambda _self: None)
    with pytest.raises(CommandError, match="no AWS credentials") as end:
        target()
    assert end.value.exit_code is Exit.USAGE


def test_the_local_stack_is_where_its_file_says(tmp_path: Path) -> None:
    """Given the file of a running stack, its own AWS is asked, with a key that it takes."""
    file = tmp_path / "stack.json"
    described = {
        "stack_name": "CreditEngine-local",
        "region": REGION,
        "aws_endpoint_url": "http://127.0.0.1:1",
    }
    file.write_text(json.dumps(described))
    found = target("local", stack_file=file, environment={})
    assert (found.stack_name, found.endpoint_url) == ("CreditEngine-local", "http://127.0.0.1:1")
    credentials = found.session.get_credentials()
    assert credentials is not None
    assert credentials.access_key == "0" * 12


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("handled_before_seconds", "counts"),
    [pytest.param(-3600, (0, 12), id="parked since"), pytest.param(5, (12, 0), id="handled")],
)
def test_only_what_was_handled_is_cleared(
    handled_before_seconds: int, counts: tuple[int, int]
) -> None:
    """Given twelve messages, they go if they are older than what a sweep handled, and else stay."""
    sqs = boto3.client("sqs", region_name=REGION)
    url = sqs.create_queue(QueueName="parked")["QueueUrl"]
    for _ in range(12):
        sqs.send_message(QueueUrl=url, MessageBody="{}")
    handled_before = datetime.now(UTC) + timedelta(seconds=handled_before_seconds)
    assert parked.clear(sqs, url, handled_before) == counts


@pytest.mark.usefixtures("aws")
def test_a_queue_that_does_not_answer_is_tried_again() -> None:
    """Given a queue that is not there, the exit code says to try again."""
    sqs = boto3.client("sqs", region_name=REGION)
    with pytest.raises(CommandError) as end:
        parked.clear(sqs, "https://queue.invalid/1/none", datetime.now(UTC))
    assert end.value.exit_code is Exit.TRY_AGAIN
