"""Starts the stand-in, and tells it what to be."""

from __future__ import annotations

import dataclasses
import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.interpreters import ROOT
from benchmarks.stub.scene import Scene, wire_form

_TIMEOUT_SECONDS: Final = 10
Json = Any


@dataclass(frozen=True)
class Stub:
    """A stand-in that runs.

    Parameters
    ----------
    port
        Where, on 127.0.0.1.
    """

    port: int

    @property
    def url(self) -> str:
        """The endpoint of every service."""
        return f"http://127.0.0.1:{self.port}"

    def show(self, scene: Scene) -> None:
        """Set the scene."""
        self._call("PUT", "/__scene", wire_form(dataclasses.asdict(scene)))

    def calls(self) -> list[Json]:
        """Return the calls since this was last asked."""
        found: list[Json] = self._call("POST", "/__calls", {})
        return found

    def _call(self, method: str, path: str, document: Json) -> Json:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request(method, path, json.dumps(document))
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()


@contextmanager
def running_stub() -> Iterator[Stub]:
    """Run a stand-in for as long as the block takes."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.stub"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Stub(int(process.stdout.readline() if process.stdout else 0))
    finally:
        process.communicate(timeout=_TIMEOUT_SECONDS)
