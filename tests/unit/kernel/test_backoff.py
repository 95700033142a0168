"""Full jitter: anything from nothing to a ceiling that doubles, up to a highest one."""

from __future__ import annotations

import pytest

from kernel.backoff import full_jitter


@pytest.mark.parametrize(
    ("attempt", "ceiling"), [(0, 0.02), (1, 0.04), (4, 0.32), (5, 0.4), (900, 0.4)]
)
@pytest.mark.parametrize("drawn", [0.0, 0.25, 1.0])
def test_a_wait_is_a_part_of_the_ceiling(attempt: int, ceiling: float, drawn: float) -> None:
    """Whichever part is drawn."""
    wait = full_jitter(attempt, base_seconds=0.02, cap_seconds=0.4, draw=lambda: drawn)
    assert wait == pytest.approx(ceiling * drawn)


def test_chance_is_drawn_anew() -> None:
    """Callers that failed together do not come back together."""
    waits = {full_jitter(0, base_seconds=1, cap_seconds=1) for _ in range(32)}
    assert len(waits) > 16
    assert all(0 <= wait < 1 for wait in waits)
