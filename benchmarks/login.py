"""What a login costs besides its hash, and what its time tells an attacker."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Final

from benchmarks.figures import Spread, ratios
from benchmarks.interpreters import ROOT
from benchmarks.lambdas import all_lambdas
from benchmarks.options import Options
from benchmarks.stub.client import running_stub
from benchmarks.tables import Table

_TIMEOUT_SECONDS: Final = 600
_MILLISECONDS: Final = 1e3
_NOTE: Final = (
    "CPU of whole requests, in turn. The hash is Argon2id with the parameters of production. An "
    "unknown address and a wrong password must take the same time."
)


def tables(options: Options) -> Iterator[Table]:
    """Measure."""
    taken = _measured(options.login_tries)
    rows = [
        [
            name,
            Spread.of(seconds).times(_MILLISECONDS).text(1),
            ratios(seconds, taken["hash"]).text(),
        ]
        for name, seconds in taken.items()
    ]
    columns = ("request", "CPU ms", "x the hash alone")
    yield Table("login", "Logins", columns, rows, _NOTE)


def _measured(tries: int) -> dict[str, list[float]]:
    with running_stub() as stub:
        process = subprocess.run(  # noqa: S603  # our own interpreter and module
            [sys.executable, "-m", "benchmarks.login_worker", str(stub.port), str(tries)],
            cwd=ROOT,
            env=all_lambdas()[0].environment(stub.url),
            stdout=subprocess.PIPE,
            check=True,
            timeout=_TIMEOUT_SECONDS,
        )
    taken: dict[str, list[float]] = json.loads(process.stdout)
    return taken
