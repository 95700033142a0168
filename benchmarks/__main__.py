"""`python -m benchmarks [--quick] [PART …]`: measure, print, and write `docs/performance.md`."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections.abc import Iterator

from benchmarks.document import write_tables
from benchmarks.interpreters import ROOT
from benchmarks.machine import circumstances
from benchmarks.options import PARTS, Options
from benchmarks.tables import Table

_DOCUMENT = ROOT / "docs/performance.md"


def main() -> int:
    """Measure part after part; each table is written as soon as it is there."""
    arguments = _parser().parse_args()
    try:
        options = Options.of(_names(arguments.parts), quick=arguments.quick)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    noted = circumstances(quick=arguments.quick)
    for table in _tables(options):
        complete = table.noting(noted)
        print(f"\n{complete.text()}", flush=True)
        write_tables(_DOCUMENT, [complete])
    return 0


def _tables(options: Options) -> Iterator[Table]:
    for part in options.parts:
        started = time.monotonic()
        # Here, because what one part loads is no part of what another one measures.
        yield from importlib.import_module(f"benchmarks.{part}").tables(options)
        print(f"\n  ✓ {part:<28}{time.monotonic() - started:6.1f} s", flush=True)


def _names(parts: list[str]) -> list[str]:
    """Accept names with commas as well as with spaces."""
    return [name for part in parts for name in part.split(",") if name]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"which of {', '.join(PARTS)}; all if none")
    parser.add_argument("--quick", action="store_true", help="few repetitions, rough figures")
    return parser


if __name__ == "__main__":
    sys.exit(main())
