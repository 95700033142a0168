"""One deadline for everything that a check does on the network.

A socket's own time-out starts anew with every byte, so a server that drips could hold a check for
hours; here every operation gets what is left.
"""

from __future__ import annotations

import io
import socket
from collections.abc import Callable
from typing import Any


class Deadline:
    """A point in time.

    Parameters
    ----------
    seconds
        How far away it is.
    clock
        Tells monotonic time in seconds.
    """

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._start = clock()
        self._seconds = seconds

    def elapsed(self) -> float:
        """Return the seconds since this deadline was set."""
        return self._clock() - self._start

    def remaining(self) -> float:
        """Return the seconds that are left.

        Raises
        ------
        TimeoutError
            If none are.
        """
        seconds = self._seconds - self.elapsed()
        if seconds <= 0:
            raise TimeoutError("the deadline has passed")
        return seconds


class DeadlineSocket:
    """As much of a socket as `http.client` uses, each operation within the deadline."""

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        self._socket = connected
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        """Send all of some bytes."""
        self._socket.settimeout(self._deadline.remaining())
        self._socket.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return a reader of what comes in."""
        return io.BufferedReader(_Reader(self._socket, self._deadline))

    def close(self) -> None:
        """Leave the connection open: `http.client` calls this before it has read the body.

        Who opened the socket closes it.
        """


class _Reader(io.RawIOBase):
    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        super().__init__()
        self._socket = connected
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  # collections.abc.Buffer is from 3.12
        self._socket.settimeout(self._deadline.remaining())
        return self._socket.recv_into(buffer)
