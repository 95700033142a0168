"""Progress on the terminal: one line per step, with its duration."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class StackError(Exception):
    """Something that the person at the terminal can act on; its text is all that is shown."""


@contextmanager
def step(title: str) -> Iterator[None]:
    """Print `title` and how long the block took, once it is over.

    Parameters
    ----------
    title
        What was done, such as `emulator ready`.
    """
    started = time.monotonic()
    try:
        yield
    except BaseException:
        report("✗", title, started)
        raise
    report("✓", title, started)


def report(mark: str, title: str, started: float) -> None:
    """Print one aligned line for a step that began at `started` (monotonic seconds)."""
    print(f"  {mark} {title:<32}{time.monotonic() - started:6.1f} s", flush=True)
