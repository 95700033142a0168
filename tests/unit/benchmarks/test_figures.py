"""The arithmetic that every figure of the benchmark went through."""

from __future__ import annotations

import pytest

from benchmarks.figures import Spread, over_nothing, percentile, ratios


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([7.0], 0.99, 7.0),
        ([3.0, 1.0, 2.0], 0.5, 2.0),
        ([4.0, 1.0, 2.0, 3.0], 0.5, 2.5),
        ([0.0, 10.0], 0.95, 9.5),
        ([5.0, 1.0, 3.0], 0.0, 1.0),
        ([5.0, 1.0, 3.0], 1.0, 5.0),
    ],
)
def test_a_percentile_lies_between_its_neighbours(
    values: list[float], share: float, expected: float
) -> None:
    """Given values in any order, it is interpolated linearly."""
    assert percentile(values, share) == pytest.approx(expected)


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([1.0], 1.5), ([1.0], -0.1)])
def test_a_percentile_of_nothing_is_refused(values: list[float], share: float) -> None:
    """Without values, or for a share that is none, there is no answer."""
    with pytest.raises(ValueError, match="percentile"):
        percentile(values, share)


def test_a_spread_is_the_median_and_the_middle_eighty_percent() -> None:
    """One slow round in eleven moves the median by nothing and the upper bound by little."""
    spread = Spread.of([*map(float, range(1, 11)), 1_000.0])
    assert (spread.median, spread.low, spread.high) == (6.0, 2.0, 10.0)
    assert spread.times(10).text(0) == "60 (20 to 100)"


def test_ratios_compare_round_by_round() -> None:
    """A moment that slows both leaves the ratio as it is."""
    assert ratios([2.0, 20.0, 2.0], [1.0, 10.0, 1.0]) == Spread(2.0, 2.0, 2.0)


def test_ratios_need_as_many_units() -> None:
    """What was not measured in the same rounds is not compared."""
    with pytest.raises(ValueError, match="shorter"):
        ratios([1.0, 2.0], [1.0])


def test_what_doing_nothing_takes_is_taken_off_both() -> None:
    """Given 1 s for an empty program, 4 s against 3 s are a ratio of 1.5."""
    rounds = {"nothing": [1.0, 2.0], "unit": [3.0, 4.0], "ours": [4.0, 5.0]}
    spreads = over_nothing(rounds, "nothing", "unit")
    assert spreads == {"unit": Spread(1.0, 1.0, 1.0), "ours": Spread(1.5, 1.5, 1.5)}
