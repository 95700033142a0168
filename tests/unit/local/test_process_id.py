"""Only processes that were started here are ended."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from local.process_id import ProcessFile, ProcessId

IGNORES_TERMINATE = (
    "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('ready', flush=True); time.sleep(60)"
)


@pytest.fixture
def process() -> Iterator["subprocess.Popen[str]"]:
    """A process that ignores SIGTERM."""
    started = subprocess.Popen(  # noqa: S603 - this test's own program
        [sys.executable, "-c", IGNORES_TERMINATE], stdout=subprocess.PIPE, text=True
    )
    with started:
        assert started.stdout
        assert started.stdout.readline() == "ready\n"
        yield started
        started.kill()


def test_another_process_under_the_same_number_is_left_alone(
    process: "subprocess.Popen[str]",
) -> None:
    """Given the number was used again, when the old process is ended, then the new one lives."""
    earlier = replace(ProcessId.of(process.pid), started="earlier")

    earlier.end()

    assert not earlier.alive
    assert process.poll() is None


def test_a_process_that_does_not_listen_is_killed(
    process: "subprocess.Popen[str]", monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given SIGTERM is ignored, when patience is over, then it is killed."""
    monkeypatch.setattr("local.process_id.TERMINATE_SECONDS", 0.1)

    ProcessId.of(process.pid).end()

    assert process.wait(timeout=5) == -9


def test_a_process_that_is_gone_is_not_alive() -> None:
    """Given a process has ended, when it is asked for, then it is not alive."""
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        process = ProcessId.of(ended.pid)
        ended.wait(timeout=10)

    assert not process.alive


def test_the_file_remembers_all_until_it_forgets(tmp_path: Path) -> None:
    """Given two processes, when the file is read, then both are there; forgotten, none."""
    file = ProcessFile(tmp_path / "processes.json")
    assert file.read() == {}

    here = ProcessId.of(os.getpid())
    file.add("stack", here)
    file.add("emulator", here)
    assert list(file.read()) == ["stack", "emulator"]
    assert file.read()["stack"].alive

    file.forget()
    assert file.read() == {}
