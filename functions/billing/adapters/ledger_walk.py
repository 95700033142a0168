"""Reads all ledgers from DynamoDB, for the audit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from billing.adapters.ledger_items import PREFIX, from_item, partition_key, sort_key
from billing.audit.auditing import LedgerPart
from billing.domain.entry import Entry
from kernel import dynamodb

_PAGE_SIZE: Final = 2_000
_MAX_PAGES: Final = 100_000


class LedgerWalk:
    """Finds every ledger by its first entry, and reads each whole.

    Parameters
    ----------
    table_name
        Billing's table.
    page_size
        How many items one part of the table has.
    """

    def __init__(self, table_name: str, page_size: int = _PAGE_SIZE) -> None:
        self._table_name = table_name
        self._page_size = page_size

    @dynamodb.translated
    def users(self, position: str | None) -> LedgerPart:
        """List the users whose ledger begins in the part of the table after a position.

        A ledger without a first entry is found by its lowest entry instead: entries are looked
        at, not counted on.
        """
        request: dict[str, Any] = {
            "TableName": self._table_name,
            "FilterExpression": "begins_with(pk, :ledger)",
            "ProjectionExpression": "pk, sk",
            "ExpressionAttributeValues": {":ledger": {"S": PREFIX}},
            "Limit": self._page_size,
        }
        if position is not None:
            pk, _, sk = position.rpartition("|")
            request["ExclusiveStartKey"] = dynamodb.marshal({"pk": pk, "sk": sk})
        response = dynamodb.client().scan(**request)
        last = response.get("LastEvaluatedKey")
        return LedgerPart(
            tuple(dict.fromkeys(_user_ids(response["Items"], position))),
            f"{last['pk']['S']}|{last['sk']['S']}" if last else None,
        )

    def history(self, user_id: str) -> Iterator[Entry]:
        """Read a whole ledger consistently, oldest entry first."""
        above = sort_key(0)
        for _ in range(_MAX_PAGES):
            page = self._page(user_id, above)
            yield from map(from_item, page)
            if not page:
                return
            above = page[-1]["sk"]

    @dynamodb.translated
    def _page(self, user_id: str, above: str) -> list[dynamodb.Item]:
        response = dynamodb.client().query(
            TableName=self._table_name,
            KeyConditionExpression="pk = :pk AND sk > :above",
            ExpressionAttributeValues=dynamodb.marshal(
                {":pk": partition_key(user_id), ":above": above}
            ),
            ConsistentRead=True,
            Limit=self._page_size,
        )
        return [dynamodb.unmarshal(item) for item in response["Items"]]


def _user_ids(items: list[Any], position: str | None) -> Iterator[str]:
    """Name each ledger once: one that the part before began is not begun again."""
    begun = position.rpartition("|")[0] if position else None
    for item in items:
        pk = item["pk"]["S"]
        if pk != begun:
            yield pk.removeprefix(PREFIX)
