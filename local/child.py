"""The programs that a stack consists of, each with a log file and a health check."""

import http.client
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.process_id import KILL_SECONDS, POLL_SECONDS, ProcessId
from local.steps import StackError

READY_SECONDS = 120  # the emulator with much data, on a machine with much else to do
TAIL_LINES = 15


@dataclass(frozen=True)
class Service:
    """One program of the stack.

    Parameters
    ----------
    name
        What it is called in messages and in `stack.json`.
    command
        The program and its arguments.
    port
        Where it listens, on 127.0.0.1.
    health_path
        The path that answers 200 once it serves.
    environment
        Its whole environment; None for this process's own.
    """

    name: str
    command: Sequence[str]
    port: int
    health_path: str
    environment: Mapping[str, str] | None = None


class Child:
    """A service that runs, with its output in a log file."""

    def __init__(self, service: Service, *, folder: Path, log: Path) -> None:
        self.service = service
        self._log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                service.command,
                cwd=folder,
                env=service.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the one that stops all in order
            )
        self.id = ProcessId.of(self._process.pid)

    def await_ready(self) -> None:
        """Return once its health check answers.

        Raises
        ------
        StackError
            It ended, or did not answer in `READY_SECONDS`; the end of its log is in the message.
        """
        deadline = time.monotonic() + READY_SECONDS
        while not answers(self.service.port, self.service.health_path):
            self.check()
            if time.monotonic() >= deadline:
                raise self._failure(f"did not answer within {READY_SECONDS} s")
            time.sleep(POLL_SECONDS)

    def check(self) -> None:
        """Raise `StackError` if it has ended."""
        status = self._process.poll()
        if status is not None:
            raise self._failure(f"ended with status {status}")

    def end(self) -> None:
        """Stop it, and collect what the operating system keeps of it."""
        self.id.end()
        self._process.wait(timeout=KILL_SECONDS)

    def _failure(self, what: str) -> StackError:
        return StackError(f"{self.service.name} {what}; {tail(self._log)}")


def answers(port: int, path: str) -> bool:
    """Tell whether 127.0.0.1 answers 200 on this port and path."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def tail(log: Path) -> str:
    """Quote the last lines of a log file under its name."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    return "\n    ".join([f"the end of {log}:", *lines[-TAIL_LINES:]])
