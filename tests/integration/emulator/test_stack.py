"""The whole local stack, in a copy of the checkout that has the toy instead of the CDK app."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from local.layout import HERE, Layout
from local.process_id import ProcessFile
from local.settings import free_port, is_free

ClientOf = Callable[[str, str], Any]
SANDBOX = """
import argparse, http.server, sys
parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int)
arguments, _ = parser.parse_known_args()
class Healthy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
http.server.ThreadingHTTPServer(("127.0.0.1", arguments.port), Healthy).serve_forever()
"""
pytestmark = pytest.mark.integration


class Checkout:
    """A checkout with a stack of its own."""

    def __init__(self, root: Path) -> None:
        self.layout = Layout(root)
        self.port = free_port(preferred=0)

    def command(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run `python -m local` in it."""
        return subprocess.run(  # noqa: S603 - this project's own command
            [str(self.layout.python), "-m", "local", *arguments],
            cwd=self.layout.root,
            env=os.environ | {"PORT": str(self.port)} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=120,
        )

    @property
    def stack(self) -> dict[str, Any]:
        """What the running stack tells about itself."""
        content: dict[str, Any] = json.loads(self.layout.stack_file.read_text(encoding="utf-8"))
        return content

    def get(self, path: str) -> dict[str, Any]:
        """Call the API through the front door."""
        with urlopen(f"{self.stack['api_url']}{path}", timeout=20) as answer:  # noqa: S310
            content: dict[str, Any] = json.load(answer)
            return content


@pytest.fixture
def checkout(tmp_path: Path, toy_assembly: Path) -> Iterator[Checkout]:
    """A checkout whose `cdk synth` gives the toy; whatever it runs ends with the test."""
    root = tmp_path
    ignored = shutil.ignore_patterns("__pycache__", "omise_sandbox")
    shutil.copytree(HERE.root / "local", root / "local", ignore=ignored)
    # What the stack needs for the console.
    (root / "infra").mkdir()
    for name in ("__init__.py", "console_build.py", "hosting.py"):
        shutil.copy(HERE.root / "infra" / name, root / "infra" / name)
    (root / "local/omise_sandbox").mkdir()
    (root / "local/omise_sandbox/__main__.py").write_text(SANDBOX, encoding="utf-8")
    (root / ".venv").symlink_to(HERE.root / ".venv")
    (root / ".local").mkdir()
    (root / ".local/emulator-venv").symlink_to(HERE.root / ".local/emulator-venv")
    (root / "web").mkdir()
    programs = {
        "cdk": f"echo synthesised; mkdir -p .local; cp -r {toy_assembly} .local/cdk.out",
        "vite": 'for folder; do :; done; mkdir -p "$folder"',
    }
    (root / "node_modules/.bin").mkdir(parents=True)
    for name, script in programs.items():
        program = root / "node_modules/.bin" / name
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
        program.chmod(0o755)
    yield (made := Checkout(root))
    made.command("stop")


def test_a_stack_serves_stops_and_comes_back_with_its_data(
    checkout: Checkout, client_of: ClientOf
) -> None:
    """Given data in a stack, when it is stopped and run again, then API and data are as before."""
    up = checkout.command("run", "--detach")
    assert up.returncode == 0, up.stdout
    first = checkout.stack
    table = first["table_names"]["billing"]
    dynamodb = client_of(first["aws_endpoint_url"], "dynamodb")
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "kept"}})
    assert checkout.get("/v1/health?deep=1%2F2")["path"] == "/v1/health"

    down = checkout.command("stop")
    assert "stopped" in down.stdout
    assert not checkout.layout.stack_file.exists()
    assert is_free(checkout.port)

    again = checkout.command("run", "--detach")
    assert again.returncode == 0, again.stdout
    dynamodb = client_of(checkout.stack["aws_endpoint_url"], "dynamodb")
    assert dynamodb.get_item(TableName=table, Key={"pk": {"S": "kept"}})["Item"]
    assert checkout.get("/v1/health")["path"] == "/v1/health"
    assert checkout.stack["omise_secret_key"] == first["omise_secret_key"]


def test_functions_find_the_omise_account_in_their_secret(
    checkout: Checkout, client_of: ClientOf
) -> None:
    """Given the sandbox, when the stack is up, then the secret has its address and keys."""
    assert checkout.command("run", "--detach").returncode == 0

    stack = checkout.stack
    secrets = client_of(stack["aws_endpoint_url"], "secretsmanager")
    arn = secrets.list_secrets()["SecretList"][0]["ARN"]
    assert json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"]) == {
        "api_url": stack["omise_url"],
        "secret_key": stack["omise_secret_key"],
        "webhook_secrets": [stack["webhook_secret"]],
    }
    assert checkout.layout.stack_file.stat().st_mode & 0o777 == 0o600
    assert checkout.layout.omise_keys.stat().st_mode & 0o777 == 0o600


def test_another_omise_server_takes_the_sandboxs_place(checkout: Checkout) -> None:
    """Given OMISE_URL, when the stack is up, then it names that server and runs no sandbox."""
    up = checkout.command("run", "--detach", OMISE_URL="http://127.0.0.1:9/")

    assert up.returncode == 0, up.stdout
    assert checkout.stack["omise_url"] == "http://127.0.0.1:9"
    assert checkout.stack["pids"].keys() == {"stack", "emulator", "front_door"}


def test_a_second_run_is_refused(checkout: Checkout) -> None:
    """Given a running stack, when it is run again, then one line says so and nothing changes."""
    assert checkout.command("run", "--detach").returncode == 0
    pids = checkout.stack["pids"]

    for arguments in (["run"], ["run", "--detach"]):
        second = checkout.command(*arguments)
        assert second.returncode == 1
        assert second.stdout == "error: the stack runs already: `make stop` ends it\n"
    assert checkout.stack["pids"] == pids
    assert checkout.command("status").returncode == 0


def test_all_stops_when_one_process_dies(checkout: Checkout) -> None:
    """Given a running stack, when the emulator is killed, then the log names it and all end."""
    assert checkout.command("run", "--detach").returncode == 0
    processes = ProcessFile(checkout.layout.processes_file).read()

    os.kill(processes["emulator"].pid, signal.SIGKILL)
    processes["stack"].await_end(20)

    assert not any(process.alive for process in processes.values())
    log = (checkout.layout.logs / "stack.log").read_text(encoding="utf-8")
    assert "error: emulator ended with status -9" in log


def test_what_a_killed_stack_left_behind_is_cleared_by_the_next(checkout: Checkout) -> None:
    """Given a supervisor that was killed, when a stack is run, then the old processes are gone."""
    assert checkout.command("run", "--detach").returncode == 0
    before = ProcessFile(checkout.layout.processes_file).read()
    os.kill(before["stack"].pid, signal.SIGKILL)
    before["stack"].await_end(5)
    assert before["emulator"].alive

    again = checkout.command("run", "--detach")

    assert again.returncode == 0, again.stdout
    assert not any(process.alive for process in before.values())


def test_reset_deletes_data_and_keys(checkout: Checkout) -> None:
    """Given a running stack, when it is reset, then it has ended and nothing of it is kept."""
    assert checkout.command("run", "--detach").returncode == 0

    assert checkout.command("reset").returncode == 0

    assert not checkout.layout.state.exists()
    assert not checkout.layout.omise_keys.exists()
    assert checkout.command("status").returncode == 1


def test_a_taken_port_is_refused(checkout: Checkout) -> None:
    """Given a port in use, when the stack is run, then one line says which, and nothing starts."""
    server = subprocess.Popen(  # noqa: S603 - Python's own server
        [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(checkout.port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while is_free(checkout.port):
            assert server.poll() is None
        refused = checkout.command("run")
    finally:
        server.terminate()
        server.wait(timeout=5)

    assert refused.returncode == 1
    assert refused.stdout.startswith(f"error: port {checkout.port} is in use")
