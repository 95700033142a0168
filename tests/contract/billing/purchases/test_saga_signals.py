"""Starting and answering sagas in Step Functions."""

from __future__ import annotations

import json
from collections.abc import Iterator

import boto3
import pytest
from botocore.config import Config
from botocore.stub import Stubber

from billing.adapters import saga_signals
from kernel.errors import TemporarilyUnavailableError

INPUT = json.dumps({"purchase_id": "pur_1", "correlation_id": "cor-1"})
START = {"stateMachineArn": "arn:aws:states:::machine", "name": "pur_1", "input": INPUT}
SUCCESS = {"taskToken": "token-1", "output": '{"outcome": "completed"}'}


@pytest.fixture
def step_functions(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """Answer in place of Step Functions."""
    client = boto3.client(
        "stepfunctions",
        region_name="ap-southeast-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    monkeypatch.setattr(saga_signals, "client", lambda: client)
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def start() -> None:
    """Start the saga of a purchase."""
    saga_signals.start("arn:aws:states:::machine", "pur_1", "cor-1")


def test_a_saga_is_named_after_its_purchase(step_functions: Stubber) -> None:
    """So there is one."""
    answer = {"executionArn": "arn:aws:states:::execution", "startDate": "2025-03-01T12:00:00Z"}
    step_functions.add_response("start_execution", answer, START)
    start()


def test_s02_a_saga_that_runs_already_is_started(step_functions: Stubber) -> None:
    """A second delivery is no trouble."""
    step_functions.add_client_error("start_execution", "ExecutionAlreadyExists")
    start()


@pytest.mark.parametrize("code", ["ThrottlingException", "StateMachineDeleting", "AccessDenied"])
def test_a_saga_that_cannot_be_started_is_started_later(step_functions: Stubber, code: str) -> None:
    """The stream keeps the record."""
    step_functions.add_client_error("start_execution", code)
    with pytest.raises(TemporarilyUnavailableError):
        start()


def test_a_wait_is_answered(step_functions: Stubber) -> None:
    """With how the payment ended."""
    step_functions.add_response("send_task_success", {}, SUCCESS)
    saga_signals.signal("token-1", "completed")


@pytest.mark.parametrize("code", ["TaskTimedOut", "InvalidToken", "TaskDoesNotExist", "Throttled"])
def test_a_wait_that_is_over_is_no_trouble(step_functions: Stubber, code: str) -> None:
    """The credits are there already, and the saga looks by itself."""
    step_functions.add_client_error("send_task_success", code)
    saga_signals.signal("token-1", "completed")


def test_step_functions_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    """Starting has to be tried again, answering has not."""
    client = boto3.client(
        "stepfunctions",
        region_name="ap-southeast-1",
        endpoint_url="http://127.0.0.1:1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"mode": "standard", "total_max_attempts": 1}),
    )
    monkeypatch.setattr(saga_signals, "client", lambda: client)
    saga_signals.signal("token-1", "completed")
    with pytest.raises(TemporarilyUnavailableError):
        start()
