"""DynamoDB's latencies and conflicts, put on the wire to the emulator, which has neither.

| | median | 99th percentile | from |
|---|---|---|---|
| read, single write | 4 ms | 10 ms | "single-digit milliseconds" (DynamoDB's documentation) |
| transaction of up to 5 items | 25 ms | 93 ms | published measurements |
| each further item | 0.5 ms | | an assumption |

A transaction holds its items from its arrival to its end. Another one that wants one of them
meanwhile is cancelled with `TransactionConflict` after a read's time, as is a single write.
"""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from benchmarks.hot_accounts.virtual_time import VirtualTime
from tests.simulator.faults import Fault, suffer
from tests.simulator.wire import Call

_99TH: Final = 2.326  # of the standard normal distribution
_SHORT: Final = (0.004, 0.010)
_TRANSACTION: Final = (0.025, 0.093)
_USUAL_ITEMS: Final = 5
_FURTHER_ITEM_SECONDS: Final = 0.0005

ItemKey = tuple[str, str, str]


class Published:
    """A wire's behaviour: calls take the time that is known, and transactions exclude each other.

    Parameters
    ----------
    time
        What passes.
    seed
        Decides every latency.
    """

    def __init__(self, time: VirtualTime, seed: int) -> None:
        self._time = time
        self._chance = random.Random(seed)  # noqa: S311  # repeatable, on purpose
        self._held: set[ItemKey] = set()
        self._free = threading.local()

    def __call__(self, call: Call) -> Any:  # noqa: ANN401  # whatever the call answers
        """Carry a call."""
        wanted = set(_written_keys(call))
        if self._held & wanted:
            self._time.wait(self._drawn(_SHORT))
            return suffer(call, Fault.CONFLICT)
        if call.operation == "TransactWriteItems":
            return self._transact(call, wanted)
        self._pass(self._drawn(_SHORT))
        return call.send()

    @contextmanager
    def beside_others(self) -> Iterator[None]:
        """Let calls take no time of their own: others that take as long are on their way, too."""
        self._free.now = True
        try:
            yield
        finally:
            self._free.now = False

    def _transact(self, call: Call, wanted: set[ItemKey]) -> Any:  # noqa: ANN401  # as above
        further = max(0, len(call.request["TransactItems"]) - _USUAL_ITEMS)
        self._held |= wanted
        try:
            self._pass(self._drawn(_TRANSACTION) + further * _FURTHER_ITEM_SECONDS)
            return call.send()
        finally:
            self._held -= wanted

    def _pass(self, seconds: float) -> None:
        if not getattr(self._free, "now", False):
            self._time.wait(seconds)

    def _drawn(self, quantiles: tuple[float, float]) -> float:
        median, late = quantiles
        return self._chance.lognormvariate(math.log(median), math.log(late / median) / _99TH)


def _written_keys(call: Call) -> Iterator[ItemKey]:
    request = call.request
    if call.operation == "TransactWriteItems":
        for element in request["TransactItems"]:
            ((_, write),) = element.items()
            yield _key(write)
    elif call.operation in {"PutItem", "DeleteItem", "UpdateItem"}:
        yield _key(request)


def _key(write: dict[str, Any]) -> ItemKey:
    key = write.get("Key") or write["Item"]
    return write["TableName"], key["pk"]["S"], key["sk"]["S"]
