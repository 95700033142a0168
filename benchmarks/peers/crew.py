"""A system that debits, and the clients that make it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.interpreters import ROOT

_COMMAND_SECONDS: Final = 180


@dataclass(frozen=True)
class Round:
    """What all clients of one system did at once."""

    taken: Sequence[float]
    refused: int
    seconds: float

    @property
    def per_second(self) -> float:
        """How many debits were made."""
        return (len(self.taken) - self.refused) / self.seconds


@dataclass(frozen=True)
class System:
    """Something that debits.

    Parameters
    ----------
    title
        What it is called in the table.
    module
        In `benchmarks.peers`.
    python
        The interpreter that has its libraries.
    environment
        Its whole environment.
    """

    title: str
    module: str
    python: Path
    environment: Mapping[str, str]

    def prepare(self, accounts: int) -> None:
        """Make its tables and accounts."""
        subprocess.run(  # noqa: S603  # our own interpreters and modules
            [*self.command, "prepare", str(accounts)],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            check=True,
            timeout=_COMMAND_SECONDS,
        )

    @property
    def command(self) -> list[str]:
        """How its client is started."""
        return [str(self.python), "-m", "benchmarks.peers.client", self.module]


class Crew:
    """Connected clients of one system, which wait for the word."""

    def __init__(self, processes: Sequence[subprocess.Popen[str]]) -> None:
        self._processes = processes

    def debit(self, kind: str, seconds: float) -> Round:
        """Let all debit at once.

        Parameters
        ----------
        kind
            `hot` for one account, or else each its own.
        seconds
            For how long.
        """
        for number, process in enumerate(self._processes):
            _write(process, f"{0 if kind == 'hot' else number} {seconds}")
        found = [json.loads(_line(process)) for process in self._processes]
        taken = [one for client in found for one in client["taken"]]
        return Round(taken, sum(client["refused"] for client in found), seconds)


@contextmanager
def crew_of(system: System, clients: int) -> Iterator[Crew]:
    """Start a system's clients, and return once all have connected."""
    processes = [
        subprocess.Popen(  # noqa: S603  # our own interpreters and modules
            [*system.command, "debit"],
            cwd=ROOT,
            env=system.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(clients)
    ]
    try:
        for process in processes:
            if _line(process) != "ready\n":
                raise ChildProcessError(f"{process.args!r} did not begin")
        yield Crew(processes)
    finally:
        for process in processes:
            process.communicate(timeout=_COMMAND_SECONDS)  # closing its input ends it


def _line(process: subprocess.Popen[str]) -> str:
    return process.stdout.readline() if process.stdout else ""


def _write(process: subprocess.Popen[str], line: str) -> None:
    if process.stdin is not None:
        process.stdin.write(f"{line}\n")
        process.stdin.flush()
