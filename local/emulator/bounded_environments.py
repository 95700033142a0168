"""Gap: the number of a Python function's execution environments has no bound.

The stock emulator starts one process per concurrent call, so a burst of 200 calls starts 200
interpreters and the machine stands still. AWS has machines to spare, this one has not: here a call
over the bound waits for a free environment, and is throttled as AWS does (429,
`TooManyRequestsException`) when none becomes free in time.
"""

# ruff: noqa: SLF001 - the emulator has no public interface for any of this

import threading
from collections.abc import Callable
from typing import Any

from ministack.services import lambda_svc

ENVIRONMENTS_PER_FUNCTION = 6
WAIT_SECONDS = 30.0

Execute = Callable[[dict[str, Any], object, str], dict[str, Any]]


def install() -> None:
    """Let at most `ENVIRONMENTS_PER_FUNCTION` calls of one function run at a time."""
    lambda_svc._execute_function_provided_warm = bounded(
        lambda_svc._execute_function_provided_warm,
        environments=ENVIRONMENTS_PER_FUNCTION,
        wait_seconds=WAIT_SECONDS,
    )


def bounded(execute: Execute, *, environments: int, wait_seconds: float) -> Execute:
    """Wrap an executor so that calls of one function over a bound wait for their turn."""
    turns: dict[str, threading.Semaphore] = {}

    def execute_in_turn(function: dict[str, Any], event: object, request_id: str) -> dict[str, Any]:
        arn = (function.get("config") or function)["FunctionArn"]
        turn = turns.setdefault(arn, threading.Semaphore(environments))
        if not turn.acquire(timeout=wait_seconds):
            return _throttled()
        try:
            return execute(function, event, request_id)
        finally:
            turn.release()

    return execute_in_turn


def _throttled() -> dict[str, Any]:
    response: dict[str, Any] = lambda_svc._throttle_response(
        reason_code="ReservedFunctionConcurrentInvocationLimitExceeded",
        msg="Rate Exceeded.",
    )
    return response
