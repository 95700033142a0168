"""`make bench-hot`: measure 1, 10 and 100 concurrent debits on one account, and draw the result."""

from __future__ import annotations

import argparse
import io
import logging
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Final

from benchmarks.hot_accounts.chart import Panel, Row, svg
from benchmarks.hot_accounts.measuring import Load, Seen, in_virtual_time, on_this_machine
from benchmarks.interpreters import ROOT
from billing.debit import NEVER
from local.emulator_alone import emulator_alone
from tests.simulator.wire import Wire, wired

TARGET: Final = ROOT / "docs" / "hot-accounts.svg"
CLIENTS: Final = (1, 10, 100)
SERIES: Final = {"one entry per transaction": NEVER, "group commit, after 1 lost attempt": 1}
MODES: Final[Mapping[str, Callable[[Wire, Load], Seen]]] = {
    "DynamoDB's published latencies and conflicts, in virtual time": in_virtual_time,
    "As fast as this machine and the emulator are": on_this_machine,
}
FIGURES: Final[Mapping[str, Callable[[Seen], float]]] = {
    "paid runs per second": lambda seen: seen.runs_per_second,
    "99th percentile, ms": lambda seen: seen.percentile(99),
    "transactions sent per run": lambda seen: seen.per_run(seen.transactions),
    "WCU per run": lambda seen: seen.per_run(seen.write_units),
    "refused as busy, %": lambda seen: seen.refused * 100,
}
Measured = dict[tuple[str, int], Seen]


def main() -> int:
    """Measure, print the table, and write the plot."""
    arguments = _parser().parse_args()
    logging.disable(logging.CRITICAL)  # the product's own log is not what is measured
    with (
        tempfile.TemporaryDirectory() as folder,
        emulator_alone(Path(folder)) as aws,
        wired(aws) as wire,
    ):
        rows = [
            _row(title, _measured(measure, wire, arguments.seconds, title))
            for title, measure in MODES.items()
        ]
    arguments.target.write_text(svg(rows, CLIENTS, "clients at once"), encoding="utf-8")
    print(f"\n{arguments.target}")
    return 0


def _measured(
    measure: Callable[[Wire, Load], Seen], wire: Wire, seconds: float, title: str
) -> Measured:
    print(f"\n{title}\n{_HEAD}")
    measured: Measured = {}
    for clients in CLIENTS:
        for name, after in SERIES.items():
            with redirect_stdout(io.StringIO()):  # the engine prints its metrics
                seen = measure(wire, Load(clients, seconds, after))
            measured[name, clients] = seen
            print(_line(name, seen), flush=True)
    return measured


_HEAD: Final = (
    f"  {'':<36}{'clients':>8}{'runs':>7}{'runs/s':>8}{'p50 ms':>8}{'p99 ms':>8}"
    f"{'trans.':>8}{'calls':>7}{'WCU':>7}{'RCU':>7}{'busy':>7}"
)


def _line(name: str, seen: Seen) -> str:
    """Write a line of the table; transactions, calls and units are those of a paid run."""
    each = (seen.transactions, seen.calls, seen.write_units, seen.read_units)
    trans, calls, write, read = (seen.per_run(total) for total in each)
    return (
        f"  {name:<36}{seen.load.clients:>8}{len(seen.waits_seconds):>7}"
        f"{seen.runs_per_second:>8.1f}{seen.percentile(50):>8.0f}{seen.percentile(99):>8.0f}"
        f"{trans:>8.2f}{calls:>7.1f}{write:>7.1f}{read:>7.1f}{seen.refused:>7.1%}"
    )


def _row(title: str, measured: Measured) -> Row:
    return Row(title, list(_panels(measured)))


def _panels(measured: Measured) -> Iterator[Panel]:
    for title, figure in FIGURES.items():
        series: dict[str, Sequence[float]] = {
            name: [figure(measured[name, clients]) for clients in CLIENTS] for name in SERIES
        }
        yield Panel(title, series)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hot_accounts", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3, help="how long clients go on asking")
    parser.add_argument("--target", type=Path, default=TARGET, help="where the plot goes")
    return parser


if __name__ == "__main__":
    sys.exit(main())
