"""Watch over the stack's processes: all of them, or none."""

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from local.child import Child, Service
from local.layout import Layout
from local.process_id import ProcessFile, ProcessId
from local.steps import StackError

WATCH_SECONDS = 0.2
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Supervisor:
    """Starts services, notices when one dies, and ends all of them, the last one first."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._file = ProcessFile(layout.processes_file)
        self._children: list[Child] = []
        self._file.add("stack", ProcessId.of(os.getpid()))

    @property
    def pids(self) -> dict[str, int]:
        """Process numbers by name."""
        return {name: process.pid for name, process in self._file.read().items()}

    def start(self, service: Service) -> None:
        """Start a service and return once it is ready.

        Raises
        ------
        StackError
            It did not become ready; says why, with the end of its log.
        """
        log = self._layout.logs / f"{service.name}.log"
        child = Child(service, folder=self._layout.root, log=log)
        self._children.append(child)
        self._file.add(service.name, child.id)
        child.await_ready()

    def watch(self) -> None:
        """Return never: raise `StackError` when a service ends, `KeyboardInterrupt` when told."""
        while True:
            for child in self._children:
                child.check()
            time.sleep(WATCH_SECONDS)

    def end(self) -> None:
        """End every service and forget that there was a stack."""
        for child in reversed(self._children):
            child.end()
        self._layout.stack_file.unlink(missing_ok=True)
        self._file.forget()


@contextmanager
def supervised(layout: Layout) -> Iterator[Supervisor]:
    """Provide the only supervisor of this checkout, and end all that it started.

    Parameters
    ----------
    layout
        The checkout.

    Raises
    ------
    StackError
        Another stack of this checkout runs.
    """
    with _only_one(layout.lock):
        end_processes(layout)  # a supervisor that was killed leaves its services behind
        supervisor = Supervisor(layout)
        _on_signals(_interrupt)
        try:
            yield supervisor
        finally:
            _on_signals(signal.SIG_IGN)  # ending in order is what a second Ctrl-C would spoil
            supervisor.end()


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError("the stack runs already: `make stop` ends it") from None
        yield


def end_processes(layout: Layout) -> bool:
    """End every process that the stack's file names, its supervisor first: that one ends the rest.

    Returns
    -------
    bool
        Whether any of them ran.
    """
    file = ProcessFile(layout.processes_file)
    running = [process for process in file.read().values() if process.alive]
    for process in running:
        process.end()
    layout.stack_file.unlink(missing_ok=True)
    file.forget()
    return bool(running)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _on_signals(handler: "signal._HANDLER") -> None:
    for number in SIGNALS:
        signal.signal(number, handler)
