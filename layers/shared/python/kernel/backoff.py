"""How long to wait before trying again: exponential backoff with full jitter.

Of many callers that failed together, each then comes back at a time of its own (the AWS
Architecture Blog, "Exponential Backoff and Jitter").
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

Draw = Callable[[], float]
# Drawn from the operating system: environments restored from one snapshot share all other chance.
from_system: Final[Draw] = random.SystemRandom().random


def full_jitter(
    attempt: int, *, base_seconds: float, cap_seconds: float, draw: Draw = from_system
) -> float:
    """Draw a wait in seconds: anything from nothing to a ceiling that doubles.

    Parameters
    ----------
    attempt
        How many attempts were made before the one that has failed.
    base_seconds, cap_seconds
        The ceiling after the first attempt, and the highest one.
    draw
        Draws from 0 to 1.
    """
    return min(cap_seconds, base_seconds * 2.0**attempt) * draw()
