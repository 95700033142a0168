"""`make soak`: simulated lives of the engine, one after another, until the time is over.

`SECONDS=60` how long · `SEED=7` one certain life · `STEPS=200` how long a life is ·
`THREADS=16` real threads, which no seed brings up again · `GROUP=1` debits that are grouped after
so many attempts of their own.
"""

from __future__ import annotations

import argparse
import io
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import redirect_stdout
from pathlib import Path
from typing import Final

from billing.debit import NEVER
from local.emulator_alone import emulator_alone
from tests.simulator.figures import Figures
from tests.simulator.simulation import Life, Simulation, SimulationError
from tests.simulator.threads import Crowd
from tests.simulator.wire import Wire, wired

MAX_SEED: Final = 10**9


def main() -> int:
    """Simulate.

    Returns
    -------
    int
        0, or 1 after a life in which credits went wrong; how to repeat it has been printed.
    """
    arguments = _arguments()
    logging.disable(logging.CRITICAL)  # the engine's own log says little in a thousand lives
    with (
        tempfile.TemporaryDirectory() as folder,
        emulator_alone(Path(folder)) as aws,
        wired(aws) as wire,
    ):
        try:
            return _crowd(wire, arguments) if arguments.threads else _lives(wire, arguments)
        except SimulationError as error:
            print(f"{type(error.__cause__).__name__}: {error.__cause__}", file=sys.stderr)
            print(error, file=sys.stderr)
            return 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--group", type=int, default=NEVER)
    return parser.parse_args()


def _lives(wire: Wire, arguments: argparse.Namespace) -> int:
    deadline = time.monotonic() + arguments.seconds
    lives: list[Life] = []
    seed = arguments.seed if arguments.seed is not None else random.randrange(MAX_SEED)
    while not lives or (arguments.seed is None and time.monotonic() < deadline):
        with redirect_stdout(io.StringIO()):  # the engine prints its metrics
            simulation = Simulation(wire, seed, group_commit_after=arguments.group)
            lives.append(simulation.run(arguments.steps))
        print(f"  ✓ seed {seed:<10} {lives[-1].calls:>6} calls, {lives[-1].entries} entries")
        seed = (seed + 1) % MAX_SEED
    _tell(lives)
    return 0


def _tell(lives: list[Life]) -> None:
    faults: Counter[str] = sum((life.faults for life in lives), Counter())
    operations: Counter[str] = sum((life.operations for life in lives), Counter())
    figures = Figures()
    figures.note("seeds tried", len(lives))
    figures.note("simulated operations", operations.total())
    figures.note("simulated calls", sum(life.calls for life in lives))
    figures.note("simulated faults", faults.total())
    figures.note("audits of all ledgers", sum(life.audits for life in lives))
    figures.note("ledger entries verified at the ends", sum(life.entries for life in lives))
    for name, times in sorted(operations.items()):
        print(f"    {times:>7} {name}")
    print("\n".join(f"  {line}" for line in figures.lines()))
    figures.keep()


def _crowd(wire: Wire, arguments: argparse.Namespace) -> int:
    crowd = Crowd(wire, random.randrange(MAX_SEED), arguments.threads, arguments.group)
    with redirect_stdout(io.StringIO()):
        crowd.run(arguments.seconds)
    figures = Figures()
    figures.note("threads of the crowd", arguments.threads)
    figures.note("operations of the crowd", crowd.operations)
    figures.note("ledger entries of the crowd", crowd.entries)
    print("\n".join(f"  {line}" for line in figures.lines()))
    figures.keep()
    return 0


if __name__ == "__main__":
    sys.exit(main())
