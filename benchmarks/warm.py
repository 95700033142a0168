"""Warm requests of every function beside a minimal handler that makes the same calls."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Final

from benchmarks.figures import Spread, ratios
from benchmarks.interpreters import ROOT
from benchmarks.lambdas import Lambda, all_lambdas
from benchmarks.options import Options
from benchmarks.stub.client import Stub, running_stub
from benchmarks.tables import NOT_MEASURED, Table

_TIMEOUT_SECONDS: Final = 600
_CPU, _WALL = 0, 1
_MICROSECONDS: Final = 1e6
_COLUMNS: Final = (
    "function, event",
    "calls",
    "CPU µs",
    "minimal, CPU µs",
    "CPU ratio",
    "latency µs",
    "latency ratio",
)
_NOTE: Final = (
    "Medians, in brackets the middle 80 % of the rounds. Both answer the same event in turn, and "
    "make the same calls with the same payloads to a stand-in of AWS in another process; ours "
    "validates, decides, logs and counts besides, and at login and register hashes the password "
    "(see Logins). Without calls there is no ratio: a handler that returns a constant takes no "
    "time."
)


def tables(options: Options) -> Iterator[Table]:
    """Measure every function."""
    rows: list[list[str]] = []
    with running_stub() as stub:
        for function in all_lambdas():
            if not function.leaves_machine:
                found = measured(function, stub, options.warm_tries)
                rows += [_row(f"{function.name}, {event}", row) for event, row in found.items()]
    yield Table("warm", "Warm requests", _COLUMNS, rows, _NOTE)


def measured(function: Lambda, stub: Stub, tries: int) -> dict[str, Any]:
    """Measure one function in a process of its own; return calls and rounds by event."""
    process = subprocess.run(  # noqa: S603  # our own interpreter and module
        [
            *(sys.executable, "-m", "benchmarks.warm_worker"),
            *(function.name, str(stub.port), str(tries)),
        ],
        cwd=ROOT,
        env=function.environment(stub.url),
        stdout=subprocess.PIPE,
        check=True,
        timeout=_TIMEOUT_SECONDS,
    )
    figures: dict[str, Any] = json.loads(process.stdout)
    return figures


def _row(name: str, figures: dict[str, Any]) -> list[str]:
    ours, minimal = figures["ours"], figures["minimal"]
    cpu, wall = ([taken[kind] for taken in ours] for kind in (_CPU, _WALL))
    cpu_minimal, wall_minimal = ([taken[kind] for taken in minimal] for kind in (_CPU, _WALL))
    has_calls = figures["calls"] > 0
    return [
        name,
        str(figures["calls"]),
        _median(cpu),
        _median(cpu_minimal),
        ratios(cpu, cpu_minimal).text() if has_calls else NOT_MEASURED,
        _median(wall),
        ratios(wall, wall_minimal).text() if has_calls else NOT_MEASURED,
    ]


def _median(seconds: list[float]) -> str:
    return f"{Spread.of(seconds).median * _MICROSECONDS:,.0f}"
