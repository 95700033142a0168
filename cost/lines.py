"""One line of an estimate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cost.prices import Prices


@dataclass(frozen=True, slots=True)
class Line:
    """Some units of one price.

    Parameters
    ----------
    group
        What it belongs to.
    what
        What the units are for.
    quantity
        How many.
    price
        The price's name.
    """

    group: str
    what: str
    quantity: float
    price: str

    def cost(self, prices: Prices) -> float:
        """Return what it costs, in USD."""
        return prices.cost(self.price, self.quantity)


def total(lines: Iterable[Line], prices: Prices) -> float:
    """Add lines up, in USD."""
    return sum(line.cost(prices) for line in lines)
