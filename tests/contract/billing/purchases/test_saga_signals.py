"""Starting and answering sagas in Step Functions."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from billing.adapters import saga_signals
from kernel.aws import json_api
from kernel.errors import TemporarilyUnavailableError
from tests.unit.kernel.http_service import Answer, Service, serving

INPUT = json.dumps({"purchase_id": "pur_1", "correlation_id": "cor-1"})
START = {"stateMachineArn": "arn:aws:states:::machine", "name": "pur_1", "input": INPUT}
SUCCESS = {"taskToken": "token-1", "output": '{"outcome": "completed"}'}


@pytest.fixture
def step_functions(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """Answer in place of Step Functions, without pauses between attempts."""
    monkeypatch.setattr(json_api, "_CAP_SECONDS", 0)
    with serving() as service:
        for name, value in {
            "AWS_REGION": "ap-southeast-1",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_ENDPOINT_URL_SFN": service.url,
        }.items():
            monkeypatch.setenv(name, value)
        saga_signals.client.cache_clear()
        yield service
    saga_signals.client.cache_clear()


def refusing(service: Service, code: str) -> None:
    """Let every call be refused."""
    service.behaviour = lambda *_: Answer(400, {"__type": code})


def operations(service: Service) -> list[str]:
    """Name what was called."""
    return [headers["x-amz-target"] for headers in service.headers]


def start() -> None:
    """Start the saga of a purchase."""
    saga_signals.start("arn:aws:states:::machine", "pur_1", "cor-1")


def test_a_saga_is_named_after_its_purchase(step_functions: Service) -> None:
    """So there is one."""
    start()
    assert step_functions.requests == [START]
    assert operations(step_functions) == ["AWSStepFunctions.StartExecution"]


def test_s02_a_saga_that_runs_already_is_started(step_functions: Service) -> None:
    """A second delivery is no trouble."""
    refusing(step_functions, "ExecutionAlreadyExists")
    start()
    assert len(step_functions.requests) == 1


@pytest.mark.parametrize("code", ["ThrottlingException", "StateMachineDeleting", "AccessDenied"])
def test_a_saga_that_cannot_be_started_is_started_later(step_functions: Service, code: str) -> None:
    """The stream keeps the record."""
    refusing(step_functions, code)
    with pytest.raises(TemporarilyUnavailableError):
        start()


def test_a_wait_is_answered(step_functions: Service) -> None:
    """With how the payment ended."""
    saga_signals.signal("token-1", "completed")
    assert step_functions.requests == [SUCCESS]
    assert operations(step_functions) == ["AWSStepFunctions.SendTaskSuccess"]


@pytest.mark.parametrize("code", ["TaskTimedOut", "InvalidToken", "TaskDoesNotExist", "Throttled"])
def test_a_wait_that_is_over_is_no_trouble(step_functions: Service, code: str) -> None:
    """The credits are there already, and the saga looks by itself."""
    refusing(step_functions, code)
    saga_signals.signal("token-1", "completed")
    assert len(step_functions.requests) == 1


def test_step_functions_out_of_reach(step_functions: Service) -> None:
    """Starting has to be tried again, answering has not."""
    step_functions.server_close()
    saga_signals.signal("token-1", "completed")
    with pytest.raises(TemporarilyUnavailableError):
        start()
