"""`python -m benchmarks.warm_worker FUNCTION PORT TRIES`: one function's warm requests.

Prints JSON: per event what each request took, of the function and of the minimal handler, in turn.
Runs in the function's own environment, in a process that has served nothing else.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any, Final

from benchmarks.lambdas import Event, Lambda, all_lambdas
from benchmarks.minimal_handler import MinimalHandler
from benchmarks.scenes.staging import staged
from benchmarks.silence import silent
from benchmarks.stub.client import Stub

Json = Any
Handler = Callable[[Event, object], Json]
WARM_UP: Final = 5
_FIRST_REFUSAL: Final = 400


def main(name: str, port: str, tries: str) -> int:
    """Measure one function."""
    (function,) = (known for known in all_lambdas() if known.name == name)
    with silent() as output:
        figures = _measured(function, Stub(int(port)), int(tries))
        os.write(output, json.dumps(figures).encode())
    return 0


def _measured(function: Lambda, stub: Stub, tries: int) -> dict[str, Json]:
    handler = importlib.import_module(function.module).handler
    return {event: _event(function, event, handler, stub, tries) for event in function.events}


def _event(function: Lambda, name: str, handler: Handler, stub: Stub, tries: int) -> Json:
    event = staged(stub, function, name)
    for _ in range(WARM_UP):
        stub.calls()
        answer = handler(event, None)
    if answer.get("statusCode", 0) >= _FIRST_REFUSAL and name != "method_not_allowed":
        raise AssertionError(f"{function.name} {name}: {answer}")
    calls = stub.calls()
    minimal = MinimalHandler(stub.url, calls, answer)
    for _ in range(WARM_UP):
        minimal(event, None)
    rounds = [(_taken(handler, event), _taken(minimal, event)) for _ in range(tries)]
    return {"calls": len(calls), "ours": [r[0] for r in rounds], "minimal": [r[1] for r in rounds]}


def _taken(handler: Handler, event: Event) -> tuple[float, float]:
    """Return the seconds of CPU, of all threads, and of waiting that a request takes."""
    cpu, wall = time.process_time(), time.perf_counter()
    handler(event, None)
    return time.process_time() - cpu, time.perf_counter() - wall


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
