"""What AWS charges per million runs, 1,000 purchases and month, as `make cost` computes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from benchmarks.options import Options
from benchmarks.tables import Table
from cost.__main__ import STAGES
from cost.fixed import monthly
from cost.lines import total
from cost.prices import Prices, read_prices
from cost.report import MILLION, THOUSAND
from cost.stack import synthesise
from cost.units import read_units
from cost.usage import REQUEST, Usage

_COLUMNS: Final = (
    "stage",
    "1 M requests that start a run",
    "1 M runs, sagas included",
    "1,000 purchases",
    "a month, fixed",
)


def tables(_options: Options) -> Iterator[Table]:
    """Estimate every stage that runs in AWS."""
    prices, units = read_prices(), read_units()
    rows = [_row(Usage(synthesise(stage), units), prices) for stage in STAGES]
    note = (
        f"USD in {prices.region}, on demand, without a free tier, prices of {prices.checked}. "
        "`make cost` breaks it down and names the prices that are not confirmed."
    )
    yield Table("cost", "What AWS charges", _COLUMNS, rows, note)


def _row(usage: Usage, prices: Prices) -> list[str]:
    requests = [line for line in usage.run() if line.group == REQUEST]
    return [
        usage.stack.stage,
        f"{total(requests, prices) * MILLION:,.2f}",
        f"{total(usage.run(), prices) * MILLION:,.2f}",
        f"{total(usage.purchase(), prices) * THOUSAND:,.4f}",
        f"{total(monthly(usage), prices):,.2f}",
    ]
