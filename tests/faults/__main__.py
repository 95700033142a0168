"""`make faults`: let every fault meet every step, print the table, and write it down."""

from __future__ import annotations

import contextlib
import io
import logging
import sys

from tests.faults.catalogue import Outcome, outcome
from tests.faults.plant import running_plant
from tests.faults.table import cells, rendered, write


def main() -> int:
    """Print the table; gives 1 where an outcome is not as it must be."""
    outcomes: list[Outcome] = []
    logging.disable(logging.CRITICAL)
    with running_plant() as plant:
        for buyer, fault, step in cells():
            with contextlib.redirect_stdout(io.StringIO()):
                outcomes.append(outcome(plant, buyer, fault, step))
            print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    table = rendered(outcomes)
    write(table)
    print(table)
    bad = [one for one in outcomes if not one.is_fair]
    variants = sum(len(one.variants) for one in outcomes)
    print(f"{len(outcomes)} cells, {variants} variants, {len(bad)} not as they must be")
    for one in bad:
        print(f"  {one}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
