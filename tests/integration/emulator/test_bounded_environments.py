"""A burst of calls shares a bounded number of a function's environments."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local.aws import Aws

BOUND = 6
ClientOf = Callable[[str, str], Any]
pytestmark = pytest.mark.integration


def processes_of_a_burst(functions: Any, name: str, calls: int) -> set[int]:  # noqa: ANN401
    """Call a function many times at once; list the processes that answered."""

    def call(_: int) -> int:
        answer = functions.invoke(FunctionName=name, Payload=json.dumps({"seconds": 0.3}))
        process: int = json.loads(answer["Payload"].read())["process"]
        return process

    with ThreadPoolExecutor(calls) as pool:
        return set(pool.map(call, range(calls)))


def test_calls_over_the_bound_wait_for_a_free_environment(
    client_of: ClientOf, emulator: Aws, toy: dict[str, str]
) -> None:
    """Given a bound of 6, when 10 calls come at once, then at most 6 processes answer all."""
    functions = client_of(emulator.endpoint_url, "lambda")

    assert len(processes_of_a_burst(functions, toy["FunctionName"], 10)) <= BOUND


def test_stock_emulator_still_has_no_bound(
    client_of: ClientOf, stock_emulator: Aws, stock_toy: dict[str, str]
) -> None:
    """When this fails, the gap is closed upstream: `local.emulator.bounded_environments` can go."""
    functions = client_of(stock_emulator.endpoint_url, "lambda")

    assert len(processes_of_a_burst(functions, stock_toy["FunctionName"], 10)) > BOUND
