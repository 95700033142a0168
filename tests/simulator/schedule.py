"""Runs several things at once, one call at a time, in an order that chance decides by its seed.

Each task has a thread, but only one of them moves at any moment: from one call to the outside to
the next. So every interleaving of the calls can come up, and the same seed brings it up again.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from typing import Final

from tests.simulator.wire import Behaviour, Call

PATIENCE_SECONDS: Final = 60.0


class Task(threading.Thread):
    """Something that runs until its next call, whenever it is its turn."""

    def __init__(self, act: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self._act = act
        self._turn = threading.Semaphore(0)
        self._parked = threading.Semaphore(0)
        self.error: BaseException | None = None
        self.is_over = False

    def run(self) -> None:
        """Wait for the first turn, then act."""
        self._wait(self._turn)
        try:
            self._act()
        except BaseException as error:  # noqa: BLE001  # the scheduler raises it
            self.error = error
        finally:
            self.is_over = True
            self._parked.release()

    def move(self) -> None:
        """Let it run until its next call or its end; called by the scheduler."""
        self._turn.release()
        self._wait(self._parked)

    def park(self) -> None:
        """Wait for its next turn; called by the task itself."""
        self._parked.release()
        self._wait(self._turn)

    @staticmethod
    def _wait(semaphore: threading.Semaphore) -> None:
        if not semaphore.acquire(timeout=PATIENCE_SECONDS):
            raise TimeoutError("a task does not move")


def run_interleaved(acts: Sequence[Callable[[], None]], chance: random.Random) -> None:
    """Run all to their ends.

    Raises
    ------
    BaseException
        What a task raised.
    """
    tasks = [Task(act) for act in acts]
    for task in tasks:
        task.start()
    while moving := [task for task in tasks if not task.is_over]:
        chance.choice(moving).move()
    for task in tasks:
        task.join(PATIENCE_SECONDS)
        if task.error is not None:
            raise task.error


def taking_turns(behaviour: Behaviour) -> Behaviour:
    """Let whoever calls wait for its turn first; calls from outside of any task go on at once."""

    def behave(call: Call) -> object:
        current = threading.current_thread()
        if isinstance(current, Task):
            current.park()
        return behaviour(call)

    return behave
