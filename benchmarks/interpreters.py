"""CPU time of programs, each in a fresh interpreter."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
SEARCH_PATH: Final = os.pathsep.join(
    str(ROOT / folder) for folder in ("functions", "layers/shared/python")
)
# What every function finds in its environment, with worthless credentials.
ENVIRONMENT: Final = {
    "PYTHONPATH": SEARCH_PATH,
    "AWS_REGION": "ap-southeast-1",
    "AWS_DEFAULT_REGION": "ap-southeast-1",
    "AWS_ACCESS_KEY_ID": "made-up",
    "AWS_SECRET_ACCESS_KEY": "made-up",
    "POWERTOOLS_SERVICE_NAME": "benchmark",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
    "STAGE": "local",
}


def cpu_seconds(programs: Mapping[str, str], rounds: int) -> dict[str, float]:
    """Run programs in turn, several times, and return the median of each.

    A first round is not counted: it writes byte code and fills the page cache.

    Parameters
    ----------
    programs
        Python source, by name.
    rounds
        How many runs of each count.

    Raises
    ------
    subprocess.CalledProcessError
        If one of them fails.
    """
    measured: dict[str, list[float]] = {name: [] for name in programs}
    for number in range(rounds + 1):
        for name, program in programs.items():
            seconds = _run(program)
            if number:
                measured[name].append(seconds)
    return {name: statistics.median(seconds) for name, seconds in measured.items()}


def _run(program: str) -> float:
    process = subprocess.Popen(  # noqa: S603  # our own interpreter and programs
        [sys.executable, "-c", program], env=ENVIRONMENT, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, program)
    return usage.ru_utime + usage.ru_stime
