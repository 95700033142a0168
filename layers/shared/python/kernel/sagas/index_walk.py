"""A walk through a service's index by user: finds items without knowing whose they are.

The index holds keys only, some 200 bytes an item, so a walk through a million items reads about
25,000 units: cents. Nothing is written for it. An index of unsettled items alone would name them
at once, and would cost two write units with every item, for what almost never happens.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from kernel.clock import rfc3339
from kernel.dynamodb import BY_USER, client, marshal, translated, unmarshal

_MAX_PAGES: Final = 4  # of 1 MB: some 16,000 keys


@dataclass(frozen=True, slots=True)
class IndexPart:
    """Some ids of a walk; `position` leads to the next part, None after the last."""

    ids: tuple[str, ...]
    position: str | None


class IndexWalk:
    """Walks the index by user, part by part.

    Parameters
    ----------
    table_name
        The service's table.
    list_prefix
        What the keys of the wanted lists begin with, for example `RUNS#`.
    max_pages
        How many pages of the index one part has.
    """

    def __init__(self, table_name: str, list_prefix: str, max_pages: int = _MAX_PAGES) -> None:
        self._list_prefix = list_prefix
        self._max_pages = max_pages
        self._request: dict[str, Any] = {
            "TableName": table_name,
            "IndexName": BY_USER,
            "FilterExpression": "begins_with(list_key, :list) AND listed_at BETWEEN :from AND :to",
        }

    @translated
    def part(self, position: str | None, since: datetime, until: datetime) -> IndexPart:
        """Name the items of the wanted lists that were created in a span of time.

        Parameters
        ----------
        position
            Where to go on, None at the start.
        since, until
            The span.

        Raises
        ------
        TemporarilyUnavailableError
            If the index cannot be read now.
        """
        values = {":list": self._list_prefix, ":from": rfc3339(since), ":to": rfc3339(until)}
        request = {**self._request, "ExpressionAttributeValues": marshal(values)}
        ids: list[str] = []
        for _ in range(self._max_pages):
            page = client().scan(**request, **_from(position))
            ids += [_id_of(unmarshal(key)["listed_at"]) for key in page["Items"]]
            position = _position(page.get("LastEvaluatedKey"))
            if position is None:
                break
        return IndexPart(tuple(ids), position)


def _from(position: str | None) -> dict[str, Any]:
    if position is None:
        return {}
    names = ("pk", "sk", "list_key", "listed_at")
    key = dict(zip(names, position.split("|"), strict=True))
    return {"ExclusiveStartKey": marshal(key)}


def _position(last: Any) -> str | None:  # noqa: ANN401  # a key of DynamoDB's, or None
    if last is None:
        return None
    return "|".join(last[name]["S"] for name in ("pk", "sk", "list_key", "listed_at"))


def _id_of(listed_at: str) -> str:
    return listed_at.partition("#")[2]
