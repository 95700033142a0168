"""DynamoDB, as far as the functions ask it: reads from fixed items, writes without effect."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

Json = Any
Items = list[Json]
_KEYS: Final = ("pk", "sk", "list_key", "listed_at")
_ASSIGNMENT: Final = re.compile(r"(#?\w+) = (:\w+)")
_BOUND: Final = re.compile(r"AND (\w+) (<=|>=|<|>) (:\w+)")
_COMPARISONS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NOTHING: Final[Mapping[str, Json]] = {}


class FixedTables:
    """Tables whose items never change.

    Parameters
    ----------
    tables
        Items by table.
    """

    def __init__(self, tables: Mapping[str, Items]) -> None:
        self._tables = tables
        self._operations: Mapping[str, Callable[[Json], Json]] = {
            "GetItem": self._get_item,
            "BatchGetItem": self._batch_get_item,
            "Query": self._query,
            "Scan": self._scan,
            "UpdateItem": self._update_item,
        }

    def answer(self, operation: str, request: Json) -> Json:
        """Answer an operation; one that only writes succeeds."""
        return self._operations.get(operation, _accepted)(request)

    def _get_item(self, request: Json) -> Json:
        found = self._found(request["TableName"], request["Key"])
        return {"Item": found} if found else {}

    def _batch_get_item(self, request: Json) -> Json:
        responses = {
            table: [item for key in asked["Keys"] if (item := self._found(table, key)) is not None]
            for table, asked in request["RequestItems"].items()
        }
        return {"Responses": responses, "UnprocessedKeys": {}}

    def _query(self, request: Json) -> Json:
        wanted = request["ExpressionAttributeValues"].values()
        partition, sort = ("list_key", "listed_at") if "IndexName" in request else ("pk", "sk")
        items = self._items(request)
        within = _bound(request)
        found = [item for item in items if item.get(partition) in wanted and within(item)]
        is_descending = not request.get("ScanIndexForward", True)
        found.sort(key=lambda item: str(item[sort]["S"]), reverse=is_descending)
        return _page(found[: request.get("Limit")])

    def _scan(self, request: Json) -> Json:
        return _page(self._items(request)[: request.get("Limit")])

    def _update_item(self, request: Json) -> Json:
        item = self._found(request["TableName"], request["Key"]) or request["Key"]
        return {"Attributes": {**item, **_assigned(request)}}

    def _items(self, request: Json) -> Items:
        items = self._tables.get(request["TableName"], [])
        if "IndexName" not in request:
            return items
        listed = [item for item in items if "list_key" in item]
        return [{name: item[name] for name in _KEYS} for item in listed]

    def _found(self, table: str, key: Json) -> Json | None:
        for item in self._tables.get(table, []):
            if item["pk"] == key["pk"] and item["sk"] == key["sk"]:
                return item
        return None


def _bound(request: Json) -> Callable[[Json], bool]:
    """Read the bound of a query's sort key: `AND sk > :above`."""
    bound = _BOUND.search(request["KeyConditionExpression"])
    if bound is None:
        return lambda _: True
    name, comparison, value = bound.groups()
    limit = str(request["ExpressionAttributeValues"][value]["S"])
    return lambda item: _COMPARISONS[comparison](str(item[name]["S"]), limit)


def _accepted(_request: Json) -> Json:
    return _NOTHING


def _page(items: Sequence[Json]) -> Json:
    return {"Items": list(items), "Count": len(items), "ScannedCount": len(items)}


def _assigned(request: Json) -> Json:
    """Read the plain assignments of an update: `SET a = :b, #c = :d`."""
    names = request.get("ExpressionAttributeNames", {})
    values = request.get("ExpressionAttributeValues", {})
    assignments = _ASSIGNMENT.findall(request["UpdateExpression"])
    return {names.get(name, name): values[value] for name, value in assignments}
