"""Virtual time: many clients wait at once, nobody really does, and a busy machine changes nothing.

One client moves at a time, from one wait to the next, always the one whose wait is over first.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Sequence
from itertools import count

from tests.simulator.schedule import Task


class VirtualTime:
    """A clock that jumps from event to event."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._events: list[tuple[float, int, Task]] = []
        self._serial = count()

    def wait(self, seconds: float) -> None:
        """Let time pass for the client that calls; from outside of any client nothing happens."""
        current = threading.current_thread()
        if isinstance(current, Task):
            self._wake(current, self.seconds + seconds)
            current.park()

    def run(self, acts: Sequence[Callable[[], None]]) -> None:
        """Run clients from this moment to their ends.

        Raises
        ------
        BaseException
            What a client raised.
        """
        for act in acts:
            task = Task(act)
            task.start()
            self._wake(task, self.seconds)
        while self._events:
            self.seconds, _, task = heapq.heappop(self._events)
            task.move()
            if task.error is not None:
                raise task.error

    def _wake(self, task: Task, at_seconds: float) -> None:
        heapq.heappush(self._events, (at_seconds, next(self._serial), task))
