"""Telling sagas in Step Functions how a payment ended."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from billing.adapters import saga_signals
from kernel.aws import json_api
from tests.unit.kernel.http_service import Answer, Service, serving

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
    """It is not tried again later, and nobody minds."""
    step_functions.server_close()
    saga_signals.signal("token-1", "completed")
