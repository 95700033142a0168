"""Gap: updating a function kills the environments that are at work on a request.

The stock emulator ends all of a function's processes when its code or settings change, so that a
deployment under load fails requests. In AWS an environment that is at work finishes first. Here
those are taken out of the pool, so that they get no further call, and end after the one they have.
"""

# ruff: noqa: SLF001 - the emulator has no public interface for any of this

import threading
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

Worker = Any  # the emulator's own


def install() -> None:
    """Let environments that are at work finish."""
    graceful = GracefulUpdates()
    lambda_svc.acquire_worker = graceful.acquire
    lambda_svc.release_worker = graceful.release
    lambda_svc.invalidate_worker = graceful.invalidate


class GracefulUpdates:
    """Stands between the emulator's Lambda and its pool of environments."""

    def __init__(self) -> None:
        self._acquire = lambda_runtime.acquire_worker
        self._release = lambda_runtime.release_worker
        self._invalidate = lambda_runtime.invalidate_worker
        self._users: dict[Worker, int] = {}
        self._retired: set[Worker] = set()

    def acquire(self, *arguments: Any, **more: Any) -> tuple[Worker | None, str]:  # noqa: ANN401
        """Lease an environment, and remember who has it."""
        worker, reason = self._acquire(*arguments, **more)
        if worker is not None:
            self._users[worker] = threading.get_ident()
        return worker, reason

    def release(self, worker: Worker | None) -> None:
        """Give an environment back, or end it if it was replaced meanwhile."""
        self._release(worker)
        self._users.pop(worker, None)
        if worker in self._retired:
            self._retired.discard(worker)
            lambda_runtime.kill_workers([worker])

    def invalidate(self, name: str, qualifier: str | None = None, **scope: Any) -> None:  # noqa: ANN401
        """End a function's idle environments now, and those that others use after their call.

        An environment of the caller's own is one that broke: it is ended now, too.
        """
        with lambda_runtime._lock:
            for key, workers in lambda_runtime._workers.items():
                if _is_of(key, name, qualifier):
                    self._retire_busy(workers)
        self._invalidate(name, qualifier=qualifier, **scope)

    def _retire_busy(self, workers: list[Worker]) -> None:
        mine = threading.get_ident()
        busy = [w for w in workers if w.in_use and self._users.get(w) != mine]
        self._retired.update(busy)
        workers[:] = [worker for worker in workers if worker not in busy]


def _is_of(key: str, name: str, qualifier: str | None) -> bool:
    *_, function, version = key.split(":")
    return function == name and qualifier in {None, version}
