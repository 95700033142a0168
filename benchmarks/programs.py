"""Programs in fresh interpreters: what they take, and what they say about themselves."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.interpreters import ROOT

_TIMEOUT_SECONDS: Final = 60


@dataclass(frozen=True)
class Program:
    """Python source, with all that it runs with.

    Parameters
    ----------
    source
        What is run.
    environment
        Its whole environment.
    arguments
        What it finds in `sys.argv`.
    options
        The interpreter's.
    """

    source: str
    environment: Mapping[str, str]
    arguments: Sequence[str] = ()
    options: Sequence[str] = ()

    def cpu_seconds(self) -> float:
        """Run it, and return the CPU that it took.

        Raises
        ------
        subprocess.CalledProcessError
            If it fails, or takes longer than a minute.
        """
        process = subprocess.Popen(  # noqa: S603  # our own interpreter and programs
            self._command, env=self.environment, cwd=ROOT, stdout=subprocess.DEVNULL
        )
        late = threading.Timer(_TIMEOUT_SECONDS, process.kill)
        late.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        finally:
            late.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, self.source)
        return usage.ru_utime + usage.ru_stime

    def errors(self) -> str:
        """Run it, and return what it wrote to the standard error.

        Raises
        ------
        subprocess.CalledProcessError
            If it fails.
        """
        return subprocess.run(  # noqa: S603  # our own interpreter and programs
            self._command,
            env=self.environment,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=True,
            timeout=_TIMEOUT_SECONDS,
        ).stderr

    @property
    def _command(self) -> list[str]:
        return [sys.executable, *self.options, "-c", self.source, *self.arguments]


def in_turn(actions: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Measure some things in turn, round by round.

    A first round is not counted: it writes byte code and fills the page cache.

    Parameters
    ----------
    actions
        What measures each, by name.
    rounds
        How many rounds count.
    """
    measured: dict[str, list[float]] = {name: [] for name in actions}
    for number in range(rounds + 1):
        for name, action in actions.items():
            taken = action()
            if number:
                measured[name].append(taken)
    return measured
