"""The commands: run, stop, reset and status."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TextIO

from infra.console_build import ConsoleNotBuiltError, built_console
from local import services
from local.aws import Aws
from local.deploy import deploy
from local.fingerprint import one_at_a_time
from local.layout import REGION, STACK_NAME, Layout
from local.omise_settings import OmiseAccount, keys_of
from local.process_id import POLL_SECONDS, ProcessFile
from local.settings import Settings, free_port, require_free
from local.stack_file import StackFile
from local.steps import StackError, report, step
from local.supervisor import Supervisor, end_processes, supervised
from local.synth import synthesise

DETACHED_READY_SECONDS = 600  # a first run synthesises, which takes a while


def run(layout: Layout, settings: Settings) -> None:
    """Bring the stack up and stay until SIGINT or SIGTERM; then leave nothing running.

    Parameters
    ----------
    layout
        The checkout.
    settings
        Ports and outside services.

    Raises
    ------
    StackError
        The stack did not come up, or one of its processes died.
    """
    started = time.monotonic()
    with supervised(layout) as supervisor:
        _preflight(layout, settings)
        file = _bring_up(layout, settings, supervisor)
        file.write(layout.stack_file)
        report("✓", "stack ready", started)
        print(_welcome(file), flush=True)
        try:
            supervisor.watch()
        except KeyboardInterrupt:
            print("  stopping, data is kept", flush=True)


def _preflight(layout: Layout, settings: Settings) -> None:
    for needed in (layout.python, layout.emulator_python, layout.root / "node_modules/.bin/cdk"):
        if not needed.exists():
            raise StackError(f"{needed} is missing: run `python3 local/setup.py`")
    require_free(settings.port)


def _bring_up(layout: Layout, settings: Settings, supervisor: Supervisor) -> StackFile:
    with one_at_a_time(layout.stamps / "lock"):
        with step("app synthesised"):
            synthesise(layout)
        with step("console built"):
            console = _console(layout)
    aws_port = free_port(settings.port + 1)
    with step("emulator ready"):
        supervisor.start(services.emulator(layout, port=aws_port))
    aws = Aws(f"http://127.0.0.1:{aws_port}")
    with step("stack deployed"):
        outputs = deploy(aws, layout.assembly, STACK_NAME)
    origin = f"http://127.0.0.1:{settings.port}"
    omise = _omise(layout, settings, supervisor, f"{origin}/v1/webhooks/omise")
    omise.publish(aws, outputs["OmiseSecretArn"])
    with step("front door ready"):
        api = f"{aws.endpoint_url}/restapis/{outputs['ApiId']}/{outputs['ApiStage']}/_user_request_"
        door = services.front_door(
            layout, port=settings.port, api=api, console=console, omise=omise
        )
        supervisor.start(door)
    return _describe(origin, aws, omise, outputs, supervisor.pids)


def _console(layout: Layout) -> Path:
    try:
        return built_console(layout.root)
    except ConsoleNotBuiltError as error:
        raise StackError(str(error)) from error


def _omise(
    layout: Layout, settings: Settings, supervisor: Supervisor, webhook_url: str
) -> OmiseAccount:
    """Provide the Omise-compatible server that was asked for, or else the sandbox."""
    if settings.omise_url:
        keys = keys_of(layout.omise_keys, os.environ)
        vault_url = settings.omise_vault_url or ""
        return OmiseAccount(settings.omise_url, vault_url, settings.omise_js_url, keys)
    keys = keys_of(layout.omise_keys, {})
    port = free_port(settings.port + 2)
    with step("Omise sandbox ready"):
        supervisor.start(services.omise_sandbox(layout, port=port, webhook_url=webhook_url))
    url = f"http://127.0.0.1:{port}"
    return OmiseAccount(url, url, f"{url}/omise.js", keys)


def _describe(
    origin: str, aws: Aws, omise: OmiseAccount, outputs: dict[str, str], pids: dict[str, int]
) -> StackFile:
    tables = ("identity", "billing", "workflows")
    return StackFile(
        api_url=origin,
        console_url=f"{origin}/",
        webhook_url=f"{origin}/v1/webhooks/omise",
        omise_url=omise.api_url,
        omise_secret_key=omise.keys.secret_key,
        omise_public_key=omise.keys.public_key,
        webhook_secret=omise.keys.webhook_secret,
        aws_endpoint_url=aws.endpoint_url,
        region=REGION,
        stack_name=STACK_NAME,
        table_names={name: outputs[f"{name.capitalize()}TableName"] for name in tables},
        pids=pids,
    )


def _welcome(file: StackFile) -> str:
    return (
        f"\n  console  {file.console_url}\n  API      {file.api_url}/v1"
        f"\n  docs     {file.api_url}/docs\n  Omise    {file.omise_url}"
        f"\n  AWS      {file.aws_endpoint_url}\n"
    )


def run_detached(layout: Layout) -> None:
    """Bring the stack up in a process of its own and return once it is ready.

    Raises
    ------
    StackError
        It did not come up; why has been printed.
    """
    if is_running(layout):
        raise StackError("the stack runs already: `make stop` ends it")
    layout.stack_file.unlink(missing_ok=True)  # of one that was killed
    log = layout.logs / "stack.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "local", "--instance", layout.instance, "run"],
            cwd=layout.root,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    with log.open(encoding="utf-8") as written:
        _await_detached(process, layout.stack_file, written)


def _await_detached(process: "subprocess.Popen[bytes]", stack_file: Path, written: TextIO) -> None:
    deadline = time.monotonic() + DETACHED_READY_SECONDS
    while time.monotonic() < deadline:
        ended, ready = process.poll() is not None, stack_file.exists()
        time.sleep(POLL_SECONDS)
        print(written.read(), end="", flush=True)
        if ended:
            raise StackError("the stack did not come up")
        if ready:
            return
    process.terminate()
    raise StackError(f"the stack was not ready within {DETACHED_READY_SECONDS} s")


def is_running(layout: Layout) -> bool:
    """Tell whether a stack of this checkout runs, or is about to."""
    supervisor = ProcessFile(layout.processes_file).read().get("stack")
    return supervisor is not None and supervisor.alive


def stop(layout: Layout) -> None:
    """End the stack that runs, if any; its data is kept."""
    print("  stack stopped" if end_processes(layout) else "  no stack runs")


def reset(layout: Layout) -> None:
    """End the stack and delete its data, the Omise sandbox's and its keys included."""
    stop(layout)
    shutil.rmtree(layout.state, ignore_errors=True)
    for file in layout.data.glob("omise*"):
        file.unlink()
    print("  data deleted")


def status(layout: Layout) -> None:
    """Tell which of the stack's processes run.

    Raises
    ------
    StackError
        Not all of them, or none.
    """
    processes = ProcessFile(layout.processes_file).read()
    for name, process in processes.items():
        print(f"  {'✓' if process.alive else '✗'} {name:<32}{process.pid:>8}")
    if not processes or not all(process.alive for process in processes.values()):
        raise StackError("the stack does not run")
