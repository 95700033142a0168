"""`make invoke FUNCTION=BillingWebhook EVENT=charge_complete`: one function, as Lambda runs it.

What `sam local invoke` does, without a container: the emulator of Lambda's runtime interface that
the SAM CLI ships starts Lambda's own Python runtime with the function's code, layers and settings,
and takes the event over HTTP. The function works on the running local stack.
"""

import json
import os
import platform
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from local import stack
from local.aws import Aws
from local.emulator.environment import INHERITED
from local.function_source import FunctionSource, functions_of
from local.layout import ACCOUNT, STACK_NAME, Layout
from local.process_id import ProcessId
from local.settings import free_port, is_free
from local.stack_file import StackFile
from local.steps import StackError

Json = dict[str, Any]

INVOKE_PATH = "/2015-03-31/functions/function/invocations"
MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
READY_SECONDS = 10
POLL_SECONDS = 0.02
MARGIN_SECONDS = 5


def invoke(layout: Layout, name: str, event: str) -> None:
    """Invoke a function of the running stack on an event, and print log and answer.

    Parameters
    ----------
    layout
        Whose stack.
    name
        The function's logical id.
    event
        A file of its folder under `events/`, without `.json`, or any file's path.

    Raises
    ------
    StackError
        No stack runs, or there is no such function or event.
    """
    if not stack.is_running(layout):
        raise StackError("no stack runs: `make run` starts it")
    function = _the_one(functions_of(layout.assembly), name)
    payload = json.loads(_event_file(layout, function, event).read_text(encoding="utf-8"))
    log = layout.logs / "invoke.log"
    with running(layout, function, StackFile.read(layout.stack_file), log) as url:
        answer = call(url, payload, function.timeout_seconds + MARGIN_SECONDS)
    print(log.read_text(encoding="utf-8").strip())
    print(json.dumps(answer, indent=2, ensure_ascii=False))


@contextmanager
def running(layout: Layout, function: FunctionSource, file: StackFile, log: Path) -> Iterator[str]:
    """Run a function until the block ends.

    Parameters
    ----------
    layout
        Where the tools are.
    function
        Which one.
    file
        The stack that it works on.
    log
        Where its output goes.

    Yields
    ------
    str
        Where it takes events.

    Raises
    ------
    StackError
        It did not start; the log is in the message.
    """
    port, api_port = free_port(0), free_port(0)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            _command(layout, function, port, api_port),
            cwd=function.code,
            env=environment_of(function, file),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    identity = ProcessId.of(process.pid)
    try:
        _await_listening(process, port, log)
        yield f"http://127.0.0.1:{port}{INVOKE_PATH}"
    finally:
        identity.end()
        process.wait(timeout=MARGIN_SECONDS)


def call(url: str, event: Json, seconds: float) -> Any:  # noqa: ANN401  # whatever it answers
    """Hand an event in; an exception comes back as `errorType` and `errorMessage`."""
    response = requests.post(url, json=event, timeout=seconds)
    response.raise_for_status()
    return response.json()


def environment_of(function: FunctionSource, file: StackFile) -> dict[str, str]:
    """Build the function's whole environment: the template's, as the deployed stack resolves it."""
    deployed = _deployed_variables(function, Aws(file.aws_endpoint_url))
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return {
        **inherited,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SESSION_TOKEN": "test",
        "AWS_REGION": file.region,
        "AWS_DEFAULT_REGION": file.region,
        "AWS_ENDPOINT_URL": file.aws_endpoint_url,
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(function.timeout_seconds),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "LAMBDA_TASK_ROOT": str(function.code),
        "PYTHONPATH": function.search_path,
        "TZ": "UTC",
        **{
            name: value if isinstance(value, str) else deployed[name]
            for name, value in function.variables.items()
        },
    }


def _deployed_variables(function: FunctionSource, aws: Aws) -> dict[str, str]:
    """Ask the deployed function what the template's references became."""
    resources = aws.cloudformation.describe_stack_resource(
        StackName=STACK_NAME, LogicalResourceId=function.name
    )
    physical = resources["StackResourceDetail"]["PhysicalResourceId"]
    deployed = aws.functions.get_function_configuration(FunctionName=physical)
    return deployed["Environment"]["Variables"]


def _command(layout: Layout, function: FunctionSource, port: int, api_port: int) -> list[str]:
    emulator = layout.runtime_emulator / f"aws-lambda-rie-{MACHINES[platform.machine().lower()]}"
    return [
        str(emulator),
        *("--runtime-interface-emulator-address", f"127.0.0.1:{port}"),
        *("--runtime-api-address", f"127.0.0.1:{api_port}"),
        *("--log-level", "error"),
        *(str(layout.emulator_python), "-m", "awslambdaric", function.handler),
    ]


def _await_listening(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while is_free(port):
        if process.poll() is not None or time.monotonic() >= deadline:
            raise StackError(f"the function did not start:\n{log.read_text(encoding='utf-8')}")
        time.sleep(POLL_SECONDS)


def _the_one(functions: dict[str, FunctionSource], name: str) -> FunctionSource:
    if name not in functions:
        raise StackError(f"no function {name!r}; there are {', '.join(sorted(functions))}")
    return functions[name]


def _event_file(layout: Layout, function: FunctionSource, event: str) -> Path:
    folder = layout.root / "events" / function.events
    for file in (folder / f"{event}.json", Path(event)):
        if file.is_file():
            return file
    there = ", ".join(sorted(file.stem for file in folder.glob("*.json")))
    raise StackError(f"no event {event!r} of {function.name}; there are {there}")
