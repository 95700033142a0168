"""`python -m benchmarks [--rounds N] [--tries N]`: measure, and print what was found."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable

from benchmarks import cold_starts, identity


def main() -> int:
    """Measure everything and print it."""
    arguments = _parser().parse_args()
    print("CPU of a cold start, imports and clients, x (import boto3 and make a DynamoDB client)")
    starts = cold_starts.measured(arguments.rounds)
    _table(
        (f"{name:<42}{start.ratio:>8.2f} x{start.milliseconds:>9.0f} ms", start.budget)
        for name, start in starts.items()
    )
    print(f"\nCPU of a warm request of identity, medians of {arguments.tries}")
    baseline = starts[cold_starts.BASELINE].milliseconds
    _table(
        (f"{name:<28}{ms / baseline:>8.4f} x{ms:>9.2f} ms", None)
        for name, ms in identity.requests(arguments.tries).items()
    )
    print(f"\nA login that fails, {arguments.tries} tries of each kind in turn, medians")
    for line in identity.failed_logins(arguments.tries):
        print(f"  {line}")
    return 0


def _table(rows: Iterable[tuple[str, float | None]]) -> None:
    for row, budget in rows:
        print(f"  {row}{f'   budget {budget:.2f} x' if budget else ''}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="cold starts of each function")
    parser.add_argument("--tries", type=int, default=200, help="warm requests of each kind")
    return parser


if __name__ == "__main__":
    sys.exit(main())
