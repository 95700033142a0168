"""Consistent reads of items by their keys."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from kernel.backoff import full_jitter
from kernel.dynamodb import Item, client, translated, unmarshal
from kernel.errors import TemporarilyUnavailableError

Key = Mapping[str, Any]

MAX_BATCH_KEYS: Final = 100  # BatchGetItem takes no more
MAX_ATTEMPTS: Final = 5
_BASE_SECONDS: Final = 0.02
_CAP_SECONDS: Final = 0.4


@translated
def get_item(table_name: str, key: Key) -> Item | None:
    """Read one item; its key is marshalled.

    Raises
    ------
    TemporarilyUnavailableError
        If the table cannot be read now.
    """
    found = client().get_item(TableName=table_name, Key=key, ConsistentRead=True).get("Item")
    return unmarshal(found) if found else None


def get_items(
    table_name: str, keys: Sequence[Key], sleep: Callable[[float], None] = time.sleep
) -> list[Item]:
    """Read items, as many as there are, in no particular order.

    Parameters
    ----------
    table_name
        Whose items.
    keys
        Their keys, marshalled; a hundred of them are one call.
    sleep
        Waits before what DynamoDB left over is asked for again, in seconds.

    Raises
    ------
    TemporarilyUnavailableError
        If the table cannot be read now, or not all of it at several attempts.
    """
    found: list[Item] = []
    for start in range(0, len(keys), MAX_BATCH_KEYS):
        found += _batch(table_name, keys[start : start + MAX_BATCH_KEYS], sleep)
    return found


@translated
def _batch(table_name: str, keys: Sequence[Key], sleep: Callable[[float], None]) -> list[Item]:
    found: list[Item] = []
    pending: Mapping[str, Any] = {table_name: {"Keys": list(keys), "ConsistentRead": True}}
    for attempt in range(MAX_ATTEMPTS):
        answer = client().batch_get_item(RequestItems=pending)
        found += map(unmarshal, answer["Responses"].get(table_name, []))
        pending = answer["UnprocessedKeys"]
        if not pending:
            return found
        sleep(full_jitter(attempt, base_seconds=_BASE_SECONDS, cap_seconds=_CAP_SECONDS))
    raise TemporarilyUnavailableError("The service is busy. Try again.")
