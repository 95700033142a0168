"""A function that is updated while it works answers first."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local.aws import Aws

ClientOf = Callable[[str, str], Any]
pytestmark = pytest.mark.integration


def answer_across_an_update(functions: Any, name: str) -> Any:  # noqa: ANN401
    """Call a function, update it meanwhile, and return what it answered."""

    def call(seconds: float) -> Any:  # noqa: ANN401
        answer = functions.invoke(
            FunctionName=name, Payload=json.dumps({"seconds": seconds}).encode()
        )
        return json.loads(answer["Payload"].read())

    call(0)  # the environment is warm
    with ThreadPoolExecutor(1) as pool:
        answering = pool.submit(call, 2)
        time.sleep(0.5)
        functions.update_function_configuration(FunctionName=name, Timeout=29)
        return answering.result(), call(0)


def test_an_environment_that_is_at_work_finishes(
    client_of: ClientOf, emulator: Aws, toy: dict[str, str]
) -> None:
    """Given a call under way, when the function is updated, then it answers, and then ends."""
    functions = client_of(emulator.endpoint_url, "lambda")

    before, after = answer_across_an_update(functions, toy["FunctionName"])

    assert before["process"] != after["process"]


def test_stock_emulator_still_kills_what_is_at_work(
    client_of: ClientOf, stock_emulator: Aws, stock_toy: dict[str, str]
) -> None:
    """When this fails, the gap is closed upstream: `local.emulator.graceful_updates` can go."""
    functions = client_of(stock_emulator.endpoint_url, "lambda")

    before, _ = answer_across_an_update(functions, stock_toy["FunctionName"])

    assert "process" not in before
