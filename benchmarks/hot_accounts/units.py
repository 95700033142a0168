"""DynamoDB's units of every call, also of those that were refused: they are paid for, too."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from math import ceil
from typing import Any, Final

from tests.simulator.meter import item_size
from tests.simulator.wire import Behaviour, Call

_WRITE_UNIT_BYTES: Final = 1_024
_READ_UNIT_BYTES: Final = 4_096
_TRANSACTIONAL: Final = 2
_SINGLE: Final = ("PutItem", "DeleteItem", "UpdateItem")

Attributes = Mapping[str, Any]


class Units:
    """A wire's behaviour that counts calls and units, and leaves the rest to another.

    Attributes
    ----------
    calls
        The calls by operation.
    write, read
        Units, by DynamoDB's published rules. A table's index is not counted.
    """

    def __init__(self, behaviour: Behaviour) -> None:
        self.calls: Counter[str] = Counter()
        self.write = 0
        self.read = 0
        self._behaviour = behaviour
        self._sizes: dict[str, int] = {}
        self._lock = threading.Lock()

    def __call__(self, call: Call) -> Any:  # noqa: ANN401  # whatever the call answers
        """Count a call and carry it."""
        with self._lock:
            self.calls[call.operation] += 1
            self.write += self._write_units(call)
        answer = self._behaviour(call)
        with self._lock:
            self.read += _read_units(call, answer)
        return answer

    def _write_units(self, call: Call) -> int:
        if call.operation == "TransactWriteItems":
            writes = [w for element in call.request["TransactItems"] for w in element.values()]
            return _TRANSACTIONAL * sum(self._units_of(write) for write in writes)
        return self._units_of(call.request) if call.operation in _SINGLE else 0

    def _units_of(self, write: Attributes) -> int:
        """Count a put by its item, and a delete by the item that was put under its key."""
        if "Item" in write:
            size = item_size(write["Item"])
            self._sizes[write["Item"]["sk"]["S"]] = size
        else:
            size = self._sizes.get(write["Key"]["sk"]["S"], 1)
        return ceil(size / _WRITE_UNIT_BYTES)


def _read_units(call: Call, answer: Any) -> int:  # noqa: ANN401  # one shape per operation
    if call.operation == "Query":
        return max(1, ceil(sum(map(item_size, answer["Items"])) / _READ_UNIT_BYTES))
    if call.operation == "GetItem":
        return max(1, ceil(item_size(answer.get("Item", {})) / _READ_UNIT_BYTES))
    if call.operation == "BatchGetItem":
        asked = sum(len(table["Keys"]) for table in call.request["RequestItems"].values())
        found = [item for items in answer["Responses"].values() for item in items]
        return sum(ceil(item_size(item) / _READ_UNIT_BYTES) for item in found) + asked - len(found)
    return 0
