"""Reads of the workflows table that its stores share."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from kernel.dynamodb import Item, client, translated, unmarshal
from kernel.errors import TemporarilyUnavailableError

MAX_BATCH_KEYS: Final = 50
_MAX_ATTEMPTS: Final = 5
_BASE_DELAY_SECONDS: Final = 0.02
# Drawn from the operating system: environments restored from one snapshot share all other chance.
_random: Final = random.SystemRandom()


def pause(attempt: int) -> None:
    """Wait before trying again: exponential, with full jitter."""
    time.sleep(_random.uniform(0, _BASE_DELAY_SECONDS * 2**attempt))


@translated
def get_item(table_name: str, key: Mapping[str, Any]) -> Item | None:
    """Read one item consistently.

    Raises
    ------
    TemporarilyUnavailableError
        If the table cannot be read now.
    """
    found = client().get_item(TableName=table_name, Key=key, ConsistentRead=True).get("Item")
    return unmarshal(found) if found else None


@translated
def get_items(table_name: str, keys: Sequence[Mapping[str, Any]]) -> dict[str, Item]:
    """Read at most 50 items consistently; return those that exist, by `pk`.

    Raises
    ------
    TemporarilyUnavailableError
        If the table cannot be read now.
    """
    found: dict[str, Item] = {}
    pending: Any = {table_name: {"Keys": list(keys), "ConsistentRead": True}}
    for attempt in range(_MAX_ATTEMPTS):
        answer = client().batch_get_item(RequestItems=pending)
        for attributes in answer["Responses"].get(table_name, []):
            item = unmarshal(attributes)
            found[item["pk"]] = item
        pending = answer.get("UnprocessedKeys")
        if not pending:
            return found
        pause(attempt)
    raise TemporarilyUnavailableError("The service is busy. Try again.")
