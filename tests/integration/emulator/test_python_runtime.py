"""Python functions run under the runtime that AWS uses, as on AWS."""

import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.request import urlopen

import pytest

from local.aws import Aws
from local.layout import REGION

ClientOf = Callable[[str, str], Any]
pytestmark = pytest.mark.integration


class Toy:
    """The toy stack on one emulator."""

    def __init__(self, client_of: ClientOf, aws: Aws, outputs: dict[str, str]) -> None:
        self.url = aws.endpoint_url
        self.outputs = outputs
        self.client = partial(client_of, aws.endpoint_url)

    def invoke(self) -> dict[str, Any]:
        """Call the function and return what it answers."""
        answer = self.client("lambda").invoke(FunctionName=self.outputs["FunctionName"])
        content: dict[str, Any] = json.loads(answer["Payload"].read())
        return content

    def decline(self) -> dict[str, Any]:
        """Run the state machine to its end, the function raising CardDeclined."""
        steps = self.client("stepfunctions")
        arn = steps.start_execution(
            stateMachineArn=self.outputs["MachineArn"], input='{"decline": true}'
        )["executionArn"]
        for _ in range(200):
            execution: dict[str, Any] = steps.describe_execution(executionArn=arn)
            if execution["status"] != "RUNNING":
                return execution
            time.sleep(0.05)
        raise AssertionError(f"{arn} did not end")


@pytest.fixture
def patched(client_of: ClientOf, emulator: Aws, toy: dict[str, str]) -> Toy:
    """The toy stack on the emulator as the project runs it."""
    return Toy(client_of, emulator, toy)


@pytest.fixture
def stock(client_of: ClientOf, stock_emulator: Aws, stock_toy: dict[str, str]) -> Toy:
    """The toy stack on the emulator as its makers ship it."""
    return Toy(client_of, stock_emulator, stock_toy)


def test_an_exception_reaches_the_state_machine_by_its_class_name(patched: Toy) -> None:
    """Given a Catch for CardDeclined, when the function raises it, then the Catch matches."""
    execution = patched.decline()

    assert execution["status"] == "SUCCEEDED"
    assert json.loads(execution["output"]) == "declined"


def test_stock_emulator_still_hides_the_exceptions_class(stock: Toy) -> None:
    """When this fails, the gap is closed upstream: `local.emulator.python_runtime` can go."""
    execution = stock.decline()

    assert (execution["status"], execution["error"]) == ("FAILED", "Runtime.HandlerError")


def test_code_is_found_before_layers_and_layers_before_the_runtime(patched: Toy) -> None:
    """Given a layer, when a function runs, then modules come from the task root, then the layer."""
    answer = patched.invoke()

    task_root, layer, _ = answer["path"]
    assert task_root == answer["environment"]["LAMBDA_TASK_ROOT"]
    assert answer["receipt"] == f"{layer}/receipts.py"


def test_a_functions_environment_has_its_variables_and_no_setting_of_the_emulator(
    patched: Toy,
) -> None:
    """Given the emulator's LOG_LEVEL, when a function runs, then it sees its own variables only."""
    environment = patched.invoke()["environment"]

    assert environment["GREETING"] == "hello"
    assert environment["AWS_REGION"] == REGION
    assert environment["AWS_ENDPOINT_URL"] == patched.url
    assert environment["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
    assert not {"LOG_LEVEL", "PERSIST_STATE", "STATE_DIR"} & environment.keys()


def test_an_environment_is_used_again(patched: Toy) -> None:
    """Given a warm environment, when it is called again, then the same process answers."""
    first = patched.invoke()
    second = patched.invoke()

    assert first["process"] == second["process"]


def test_what_a_function_prints_is_in_cloudwatch_logs(patched: Toy) -> None:
    """Given a JSON line on the standard output, when logs are filtered, then it is there whole."""
    patched.invoke()

    group = f"/aws/lambda/{patched.outputs['FunctionName']}"
    events = patched.client("logs").filter_log_events(logGroupName=group)["events"]
    lines = [json.loads(event["message"]) for event in events if event["message"].startswith("{")]
    assert {"charging"} == {line["message"] for line in lines}


def test_a_rest_api_reaches_the_function(patched: Toy) -> None:
    """Given a REST API, when its stage is called by path, then the function gets the request."""
    stage = f"{patched.outputs['ApiId']}/{patched.outputs['ApiStage']}"
    url = f"{patched.url}/restapis/{stage}/_user_request_/a?b=c"
    with urlopen(url, timeout=10) as answer:  # noqa: S310 - our own address
        event = json.load(answer)

    assert (event["path"], event["queryStringParameters"]) == ("/a", {"b": "c"})
