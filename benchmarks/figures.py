"""The arithmetic of measuring: medians, percentiles, ratios and their spread."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_MEDIAN: Final = 0.5
_LOW, _HIGH = 0.1, 0.9


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that a share of all values does not exceed, interpolated linearly.

    Parameters
    ----------
    values
        At least one, in any order.
    share
        From 0 to 1.

    Raises
    ------
    ValueError
        If there is no value, or the share is none.
    """
    if not values or not 0 <= share <= 1:
        raise ValueError("a percentile needs values, and a share from 0 to 1")
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    below, above = ordered[math.floor(position)], ordered[math.ceil(position)]
    return below + (above - below) * (position % 1)


@dataclass(frozen=True, slots=True)
class Spread:
    """Repetitions of one measurement: the median, and the bounds of the middle 80 percent."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Sum repetitions up."""
        return cls(*(percentile(values, share) for share in (_MEDIAN, _LOW, _HIGH)))

    def times(self, factor: float) -> Spread:
        """Give it in another unit."""
        return Spread(self.median * factor, self.low * factor, self.high * factor)

    def text(self, digits: int = 2) -> str:
        """Write it for a table: `1.23 (1.10 to 1.40)`."""
        low, high = f"{self.low:.{digits}f}", f"{self.high:.{digits}f}"
        return f"{self.median:.{digits}f} ({low} to {high})"


def ratios(values: Sequence[float], units: Sequence[float]) -> Spread:
    """Compare two things that were measured in turn, round by round.

    Rounds are compared one by one, so that a moment in which the machine was slow slows both.

    Raises
    ------
    ValueError
        If there are not as many of both.
    """
    return Spread.of([value / unit for value, unit in zip(values, units, strict=True)])


def over_nothing(
    rounds: Mapping[str, Sequence[float]], nothing: str, unit: str
) -> dict[str, Spread]:
    """Compare programs with one of them, each less what doing nothing takes.

    Parameters
    ----------
    rounds
        What each took, round by round.
    nothing, unit
        Which of them does nothing, and which one is the unit.
    """
    net = {
        name: [value - idle for value, idle in zip(taken, rounds[nothing], strict=True)]
        for name, taken in rounds.items()
        if name != nothing
    }
    return {name: ratios(values, net[unit]) for name, values in net.items()}
