"""Under what circumstances something was measured."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime


def circumstances(*, quick: bool) -> str:
    """Tell when and on what, and how busy it was with other things at the start."""
    day = datetime.now(UTC).date().isoformat()
    load, *_ = os.getloadavg()
    machine = (
        f"{os.cpu_count()} processors ({platform.machine()}), Python {platform.python_version()}"
    )
    rough = " A quick run: few repetitions." if quick else ""
    return f"Measured {day} on {machine}, load average {load:.1f} at the start.{rough}"
