"""Counts what the engine's calls cost: DynamoDB's own units, and round trips one after another."""

from __future__ import annotations

import threading
import time
from base64 import b64decode
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Final

from tests.simulator.wire import Call

_METERED: Final = frozenset(
    {
        "BatchGetItem",
        "DeleteItem",
        "GetItem",
        "PutItem",
        "Query",
        "TransactWriteItems",
        "UpdateItem",
    }
)
_READS: Final = frozenset({"BatchGetItem", "GetItem", "Query"})
# Long enough that calls which can be in flight together are.
_ROUND_TRIP_SECONDS: Final = 0.05
_READ_UNIT_BYTES: Final = 4096


@dataclass
class Meter:
    """A wire's behaviour that adds up.

    Attributes
    ----------
    write_units, read_units
        What DynamoDB says that the tables consumed.
    index_units
        What it says that the listing index consumed.
    calls
        The operations, in the order that they began.
    item_bytes
        The sizes of what was written, by DynamoDB's rule.
    """

    write_units: float = 0
    read_units: float = 0
    index_units: float = 0
    calls: list[str] = field(default_factory=list)
    item_bytes: list[int] = field(default_factory=list)
    _spans: list[tuple[float, float]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, call: Call) -> Any:  # noqa: ANN401  # whatever it answers
        """Send a call, and note what it took."""
        if call.operation in _METERED:
            call.request["ReturnConsumedCapacity"] = "INDEXES"
        began = time.monotonic()
        with self._lock:
            self.calls.append(call.operation)
            self.item_bytes += [item_size(item) for item in _written(call)]
        time.sleep(_ROUND_TRIP_SECONDS)
        try:
            answer = call.send()
        finally:
            with self._lock:
                self._spans.append((began, time.monotonic()))
        if call.operation in _METERED:
            with self._lock:
                self._add(call, answer)
        return answer

    @property
    def round_trips(self) -> int:
        """The longest chain of calls of which each began after the one before had ended."""
        trips, end = 0, 0.0
        for began, ended in sorted(self._spans, key=lambda span: span[1]):
            if began >= end:
                trips, end = trips + 1, ended
        return trips

    def _add(self, call: Call, answer: Any) -> None:  # noqa: ANN401  # one shape per operation
        if call.operation == "BatchGetItem":  # the emulator does not say
            self.read_units += _batch_units(call.request["RequestItems"], answer["Responses"])
            return
        consumed = answer["ConsumedCapacity"]
        for table in consumed if isinstance(consumed, list) else [consumed]:
            indices = table.get("GlobalSecondaryIndexes", {}).values()
            index_units = sum(index["CapacityUnits"] for index in indices)
            self.index_units += index_units
            if call.operation in _READS:
                self.read_units += table["CapacityUnits"]
            else:
                self.write_units += table["CapacityUnits"] - index_units


def _batch_units(asked: dict[str, Any], found: dict[str, list[Any]]) -> float:
    """Count a unit per 4 KB of each item, one for an item that is missing, half if eventual."""
    return sum(
        _table_units(len(table["Keys"]), found.get(name, []))
        * (1 if table.get("ConsistentRead") else 0.5)
        for name, table in asked.items()
    )


def _table_units(keys: int, items: list[Any]) -> int:
    sizes = [item_size(item) for item in items]
    return sum(ceil(size / _READ_UNIT_BYTES) for size in sizes) + keys - len(sizes)


def item_size(item: dict[str, Any]) -> int:
    """Compute an item's size by DynamoDB's published rule, in bytes.

    Names and texts count their UTF-8 bytes, numbers about a byte per two digits and one more,
    lists and maps three bytes and one per element.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: dict[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        return len(content.lstrip("-").strip("0")) // 2 + 2
    if kind == "B":
        return len(b64decode(content))
    if kind == "L":
        return 3 + sum(1 + _value_size(element) for element in content)
    if kind == "M":
        return 3 + len(content) + item_size(content)
    return 1


def _written(call: Call) -> list[dict[str, Any]]:
    if call.operation == "PutItem":
        return [call.request["Item"]]
    puts = [element.get("Put") for element in call.request.get("TransactItems", [])]
    return [put["Item"] for put in puts if put]
