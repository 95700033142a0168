"""What services know of their sagas' executions: names that are used once, and what became of them.

A purchase's or run's first execution is named like the item itself, so that whoever starts it,
dispatcher or sweeper, starts it once. A later one, after the one before was lost, carries a number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Execution:
    """What became of an execution: whether it runs, and the error that it ended with, if any."""

    runs: bool
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an execution came to.

    `status` is `running`, `succeeded`, `failed`, `timed_out` or `aborted`; `output` is empty unless
    it succeeded, `ended_at` None while it runs. `given` is its input.
    """

    status: str
    output: Mapping[str, Any]
    started_at: datetime
    ended_at: datetime | None
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_lost(self) -> bool:
        """Tell whether it ended without coming to anything."""
        return self.status in {"failed", "timed_out", "aborted"}


def execution_name(item_id: str, number: int) -> str:
    """Name an item's execution, counted from 1."""
    return item_id if number == 1 else f"{item_id}-{number}"


def item_id_of(name: str) -> str:
    """Read the item's id out of an execution's name."""
    return name.partition("-")[0]
