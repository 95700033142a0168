"""Statistics of a column, kept up value by value in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from typing import Any, Final

from workflows.automations.csv_summary.values import (
    BOOLEAN,
    DATE,
    EMPTY,
    INTEGER,
    KINDS,
    NUMBER,
    TEXT,
    Kind,
    Order,
)

MAX_DISTINCT: Final = 10_000
MAX_TEXT_LENGTH: Final = 200
_SUM_DIGITS: Final = 50


@dataclass(slots=True)
class _Range:
    """Smallest, largest and sum of the values read as one kind."""

    kind: Kind
    low: tuple[Order, str] | None = None
    high: tuple[Order, str] | None = None
    total: Decimal = Decimal(0)

    def add(self, cell: str) -> bool:
        """Take a value in; return False if it is not of this kind."""
        order = self.kind.read(cell)
        if order is None:
            return False
        pair = (order, cell)
        if self.low is None or order < self.low[0]:  # type: ignore[operator]  # one kind, one type
            self.low = pair
        if self.high is None or order > self.high[0]:  # type: ignore[operator]  # as above
            self.high = pair
        if isinstance(order, Decimal):
            with localcontext(prec=_SUM_DIGITS):
                self.total += order
        return True


@dataclass(slots=True)
class Column:
    """One column; `count` counts its values, which are its cells that are not empty."""

    name: str
    count: int = 0
    _ranges: list[_Range] = field(default_factory=lambda: [_Range(kind) for kind in KINDS])
    _distinct: set[str] = field(default_factory=set)
    _has_more_distinct: bool = False

    def add(self, cell: str) -> None:
        """Take a cell in."""
        value = cell.strip()
        if not value:
            return
        self.count += 1
        self._ranges = [candidate for candidate in self._ranges if candidate.add(value)]
        if len(self._distinct) < MAX_DISTINCT:
            self._distinct.add(value)
        elif value not in self._distinct:
            self._has_more_distinct = True

    def summary(self, rows: int) -> dict[str, Any]:
        """Describe the column of a table with so many rows.

        `min` and `max` are numbers, or texts cut at 200 characters; `mean` is there for numbers.
        `distinct` is exact up to 10,000; beyond, it is 10,000 and `distinct_capped` says so.
        """
        best = self._ranges[0] if self.count else None
        summary = {
            "name": self.name,
            "type": best.kind.name if best else EMPTY,
            "count": self.count,
            "missing": rows - self.count,
            "distinct": len(self._distinct),
            "min": _shown(best, best.low) if best else None,
            "max": _shown(best, best.high) if best else None,
            "mean": self._mean(best) if best else None,
        }
        return {**summary, "distinct_capped": True} if self._has_more_distinct else summary

    def _mean(self, best: _Range) -> float | None:
        if best.kind not in {INTEGER, NUMBER}:
            return None
        with localcontext(prec=_SUM_DIGITS):
            return float(best.total / self.count)


def _shown(best: _Range, extreme: tuple[Order, str] | None) -> int | float | str | None:
    if extreme is None or best.kind is BOOLEAN:
        return None
    order, cell = extreme
    if best.kind is INTEGER:
        return int(cell)
    if best.kind is NUMBER:
        return float(cell)
    return cell[:MAX_TEXT_LENGTH] if best.kind in {TEXT, DATE} else str(order)
