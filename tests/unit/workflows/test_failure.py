"""What a user learns of a failed run, from what Step Functions says of it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.automations.verdict import AutomationFailed
from workflows.domain.failure import FAILED, OUTPUT_TOO_LARGE, TIMED_OUT, Failure, failure_of

REFUSED = AutomationFailed("target_refused", "No.")


def lambda_cause(error_type: str, message: str) -> str:
    """Make the document that Lambda makes of an exception."""
    trace = ['  File "/var/task/secret.py", line 1']
    return json.dumps({"errorType": error_type, "errorMessage": message, "stackTrace": trace})


def test_an_automations_own_verdict_is_shown() -> None:
    """Given a Lambda that raised `AutomationFailed`, its code and message are the run's."""
    cause = lambda_cause("AutomationFailed", str(REFUSED))

    failure = failure_of({"Error": "AutomationFailed", "Cause": cause})

    assert failure == Failure("target_refused", "No.")


def test_the_verdict_of_a_nested_state_machine_is_shown() -> None:
    """Given a state machine that ended in such a `Fail` state, its code and message are."""
    execution = json.dumps({"Status": "FAILED", "Error": "AutomationFailed", "Cause": str(REFUSED)})

    failure = failure_of({"Error": "States.TaskFailed", "Cause": execution})

    assert failure == Failure("target_refused", "No.")


@pytest.mark.parametrize(
    "error",
    [
        {"Error": "States.Timeout", "Cause": ""},
        {"Error": "States.Timeout"},
        {"Error": "Sandbox.Timedout", "Cause": "{}"},
        {"Error": "Lambda.Unknown", "Cause": lambda_cause("Sandbox.Timedout", "3.00 seconds")},
    ],
)
def test_a_time_out_is_told_from_a_failure(error: dict[str, str]) -> None:
    """Given a time-out of the task or of the function, the code says so."""
    assert failure_of(error) == TIMED_OUT


@pytest.mark.parametrize(
    "error",
    [
        {"Error": "States.DataLimitExceeded", "Cause": "too much"},
        {"Error": "OutputTooLargeError", "Cause": lambda_cause("OutputTooLargeError", "300000")},
        {
            "Error": "Lambda.Unknown",
            "Cause": lambda_cause("Function.ResponseSizeTooLarge", "more than 6291556 bytes"),
        },
    ],
)
def test_an_output_that_is_too_large_is_told_from_a_failure(error: dict[str, str]) -> None:
    """Given more than Lambda, Step Functions or the saga takes, the code says so."""
    assert failure_of(error) == OUTPUT_TOO_LARGE


@pytest.mark.parametrize(
    "message",
    ["", "no JSON", "[]", '{"code": 1, "message": "m"}', '{"code": "Bad Code", "message": "m"}'],
)
def test_a_malformed_verdict_is_a_failure(message: str) -> None:
    """Given an `AutomationFailed` whose message is none, the run has failed all the same."""
    cause = lambda_cause("AutomationFailed", message)

    assert failure_of({"Error": "AutomationFailed", "Cause": cause}) == FAILED


@given(name=st.text(), cause=st.text())
def test_p04_nothing_of_an_unexpected_error_is_shown(name: str, cause: str) -> None:
    """Given any other error, the run's failure holds neither trace nor message of it."""
    shown = failure_of({"Error": name, "Cause": lambda_cause(name, cause)})

    assert shown in {FAILED, OUTPUT_TOO_LARGE, TIMED_OUT}


def test_a_long_message_is_cut() -> None:
    """Given a verdict that talks too much, 500 characters are kept."""
    verdict = AutomationFailed("too_much", "x" * 1000)
    cause = lambda_cause("AutomationFailed", str(verdict))

    assert len(failure_of({"Error": "AutomationFailed", "Cause": cause}).message) == 500
