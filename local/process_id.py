"""Know a process again, so that only those that were started here are ever ended."""

import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from local.private_file import write_private

TERMINATE_SECONDS = 15
KILL_SECONDS = 5
POLL_SECONDS = 0.05


@dataclass(frozen=True)
class ProcessId:
    """A process that can't be mistaken for a later one under the same number.

    Parameters
    ----------
    pid
        The operating system's number, which is used again one day.
    started
        When it started, as the operating system words it.
    """

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> "ProcessId":
        """Identify a process that runs now."""
        return cls(pid, _started(pid))

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        return bool(self.started) and _started(self.pid) == self.started

    def end(self) -> None:
        """Ask it to stop, wait, and kill it only if it does not."""
        for number, patience_seconds in (
            (signal.SIGTERM, TERMINATE_SECONDS),
            (signal.SIGKILL, KILL_SECONDS),
        ):
            if not self.alive:
                return
            os.kill(self.pid, number)
            self.await_end(patience_seconds)

    def await_end(self, patience_seconds: float) -> None:
        """Return once it has ended, or patience has."""
        deadline = time.monotonic() + patience_seconds
        while self.alive and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)


def _started(pid: int) -> str:
    """Tell when a process started; empty when there is none, or only its remains."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.parent.parent.joinpath("self").exists():
        return _started_on_linux(stat)
    answer = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)],  # noqa: S607 - every system's own ps
        capture_output=True,
        text=True,
        check=False,
        timeout=KILL_SECONDS,
    )
    return answer.stdout.strip()


def _started_on_linux(stat: Path) -> str:
    try:
        fields = stat.read_text().rpartition(")")[2].split()  # the name before may hold anything
    except OSError:
        return ""
    state, started_ticks = fields[0], fields[19]
    return "" if state == "Z" else started_ticks


@dataclass(frozen=True)
class ProcessFile:
    """The file that remembers what was started, for whoever is to stop it.

    Parameters
    ----------
    path
        A JSON object of name to number and start.
    """

    path: Path

    def read(self) -> dict[str, ProcessId]:
        """List what was started and not yet forgotten, by name."""
        if not self.path.exists():
            return {}
        content = json.loads(self.path.read_text(encoding="utf-8"))
        return {name: ProcessId(**value) for name, value in content.items()}

    def add(self, name: str, process: ProcessId) -> None:
        """Remember one more."""
        known = self.read() | {name: process}
        content = {key: vars(value) for key, value in known.items()}
        write_private(self.path, json.dumps(content))

    def forget(self) -> None:
        """Nothing runs any more."""
        self.path.unlink(missing_ok=True)
