"""`make cost`: print the estimate of the stages that run in AWS."""

from __future__ import annotations

import sys

from cost.prices import read_prices
from cost.report import report
from cost.stack import synthesise
from cost.units import read_units

STAGES = ("dev", "staging", "prod")


def main() -> int:
    """Print it."""
    print(report([synthesise(stage) for stage in STAGES], read_prices(), read_units()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
