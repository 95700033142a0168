"""`python -m benchmarks.peers.client SYSTEM prepare ACCOUNTS`, or `… SYSTEM debit`.

The second says `ready`. For every line `ACCOUNT SECONDS` that it is given it then debits that
account for so long without pauses, and prints JSON: the seconds that each debit took, and how many
were refused.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
import uuid
from collections.abc import Callable
from typing import Final

_FIRST_ACCOUNT: Final = 0


def main(system: str, command: str, accounts: str = "0") -> int:
    """Do as told."""
    module = importlib.import_module(f"benchmarks.peers.{system}")
    if command == "prepare":
        module.prepare(int(accounts))
        return 0
    module.debit(_FIRST_ACCOUNT, str(uuid.uuid4()))  # connects, and loads what is loaded late
    print("ready", flush=True)
    for line in sys.stdin:
        account, seconds = line.split()
        print(json.dumps(_debited(module.debit, int(account), float(seconds))), flush=True)
    return 0


def _debited(
    debit: Callable[[int, str], bool], account: int, seconds: float
) -> dict[str, list[float] | int]:
    taken, refused = [], 0
    deadline = time.perf_counter() + seconds
    while (began := time.perf_counter()) < deadline:
        refused += not debit(account, str(uuid.uuid4()))
        taken.append(time.perf_counter() - began)
    return {"taken": taken, "refused": refused}


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
