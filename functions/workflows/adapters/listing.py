"""Lists of one user's items, newest first, through the index `by_user`.

The index holds keys only; the items are read from the table itself, so a list shows every item as
it is now. It may take a moment until a new item shows up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from kernel.dynamodb import BY_USER, Item, client, marshal, translated, unmarshal
from kernel.dynamodb_reads import get_items

# A filter may have to pass over many items, and items may be large: a page ends early rather than
# late, and its cursor goes on from there. A response of Lambda's may have 6 MB.
MAX_EXAMINED: Final = 500
MAX_CHUNK: Final = 50
MAX_PAGE_CHARACTERS: Final = 1024 * 1024

Keep = Callable[[Item], bool]


def page(
    table_name: str, list_key: str, *, after: str | None, limit: int, keep: Keep
) -> tuple[list[Item], str | None]:
    """Read a page of a list.

    Parameters
    ----------
    list_key
        The list.
    after
        The position that the page before ended at; None starts with the newest item.
    limit
        How many items at most. There may be fewer although the list goes on.
    keep
        Which items are wanted.

    Returns
    -------
    tuple of items and position
        The position is None at the list's end.

    Raises
    ------
    TemporarilyUnavailableError
        If the table cannot be read now.
    """
    kept: list[Item] = []
    characters = 0
    walk = _walk(table_name, list_key, after, min(limit + 1, MAX_CHUNK))
    for examined, (position, item) in enumerate(walk):
        size = _characters(item) if item else 0
        is_full = len(kept) == limit or (kept and characters + size > MAX_PAGE_CHARACTERS)
        if is_full or examined == MAX_EXAMINED:
            return kept, after
        after = position
        if item is not None and keep(item):
            kept.append(item)
            characters += size
    return kept, None


def _walk(
    table_name: str, list_key: str, after: str | None, chunk: int
) -> Iterator[tuple[str, Item | None]]:
    """Go through a list chunk by chunk; the one who asks says when it is enough."""
    while True:
        keys = _keys(table_name, list_key, after, chunk)
        if not keys:
            return
        items = {
            item["pk"]: item
            for item in get_items(
                table_name, [marshal({"pk": key["pk"], "sk": key["sk"]}) for key in keys]
            )
        }
        for key in keys:
            yield key["listed_at"], items.get(key["pk"])
        if len(keys) < chunk:
            return
        after = keys[-1]["listed_at"]


@translated
def _keys(table_name: str, list_key: str, after: str | None, limit: int) -> list[Item]:
    condition = "list_key = :list"
    values: dict[str, Any] = {":list": list_key}
    if after is not None:
        condition += " AND listed_at < :after"
        values[":after"] = after
    answer = client().query(
        TableName=table_name,
        IndexName=BY_USER,
        KeyConditionExpression=condition,
        ExpressionAttributeValues=marshal(values),
        ScanIndexForward=False,
        Limit=limit,
    )
    return [unmarshal(item) for item in answer["Items"]]


def _characters(item: Item) -> int:
    return sum(len(value) for value in item.values() if isinstance(value, str))
