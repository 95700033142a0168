"""`python -m benchmarks.login_worker PORT TRIES`: logins that succeed and that fail, in turn.

Prints JSON: the CPU seconds of each kind, and of the hash alone.
"""

from __future__ import annotations

import copy
import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any, Final

from benchmarks.lambdas import Event, all_lambdas
from benchmarks.scenes.identity import EMAIL, PASSWORD, password_hash
from benchmarks.scenes.staging import staged
from benchmarks.silence import silent
from benchmarks.stub.client import Stub
from identity.adapters import password_hashes

_WRONG: Final = "not the passphrase"


def main(port: str, tries: str) -> int:
    """Measure."""
    (function,) = (known for known in all_lambdas() if known.name == "identity/login")
    event = staged(Stub(int(port)), function, "login")
    handler = importlib.import_module(function.module).handler
    actions: dict[str, Callable[[], Any]] = {
        "login": lambda: handler(event, None),
        "hash": lambda: password_hashes.matches(password_hash(), PASSWORD),
        "wrong password": lambda: handler(_with(event, EMAIL, _WRONG), None),
        "unknown address": lambda: handler(_with(event, "nobody@example.com", _WRONG), None),
    }
    with silent() as output:
        os.write(output, json.dumps(_in_turn(actions, int(tries))).encode())
    return 0


def _in_turn(actions: dict[str, Callable[[], Any]], tries: int) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {name: [] for name in actions}
    for number in range(tries + 1):
        for name, action in actions.items():
            start = time.process_time()
            action()
            if number:  # the first one makes clients
                taken[name].append(time.process_time() - start)
    return taken


def _with(event: Event, email: str, password: str) -> Event:
    event = copy.copy(event)
    event["body"] = json.dumps({"email": email, "password": password})
    return event


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
