"""Purchases in DynamoDB: every change is a put on condition that nobody made another meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from billing.adapters.ledger_store import TransactItem
from billing.adapters.purchase_store_items import (
    PURCHASE,
    TASK_TOKEN,
    from_item,
    list_key,
    partition_key,
    to_item,
)
from billing.domain.purchase import Purchase
from kernel import dynamodb
from kernel.clock import rfc3339
from kernel.dynamodb import BY_USER, ConditionFailedError, Item
from kernel.dynamodb_reads import get_item, get_items
from kernel.ids import is_id
from kernel.pagination import InvalidCursorError, Page

_MAX_SCANS: Final = 20


class PurchaseChangedError(Exception):
    """Somebody else changed the purchase first; nothing was stored.

    Parameters
    ----------
    current
        The purchase as it is.
    """

    def __init__(self, current: Purchase) -> None:
        super().__init__(current.id)
        self.current = current


@dataclass(frozen=True, slots=True)
class PurchasePage:
    """A part of a user's purchases, newest first; `position` leads on, None ends the list."""

    purchases: tuple[Purchase, ...]
    position: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A purchase, and the token of the saga's task that waits for its payment."""

    purchase: Purchase
    task_token: str | None


class PurchaseStore:
    """Reads and writes purchases.

    Parameters
    ----------
    table_name
        Billing's table.
    """

    def __init__(self, table_name: str) -> None:
        self._table_name = table_name

    def create(self, purchase: Purchase) -> Purchase:
        """Store a new purchase, or return the one that has its id already.

        Costs two write units, the index's entry included.
        """
        try:
            self._put(to_item(purchase), "attribute_not_exists(pk)")
        except ConditionFailedError as refused:
            return _current(refused.item)
        return purchase

    def save(self, purchase: Purchase) -> Purchase:
        """Store a change.

        Returns
        -------
        Purchase
            The purchase with its new version.

        Raises
        ------
        PurchaseChangedError
            If the table holds another version than the one that was changed.
        """
        write = self.write_of(purchase)["Put"]
        try:
            self._call_put(write)
        except ConditionFailedError as refused:
            raise PurchaseChangedError(_current(refused.item)) from None
        return stored(purchase)

    def write_of(self, purchase: Purchase) -> TransactItem:
        """Return a change as an element of a transaction, on the condition that `save` has."""
        return {
            "Put": {
                "TableName": self._table_name,
                "Item": dynamodb.marshal(to_item(stored(purchase))),
                "ConditionExpression": "version = :version",
                "ExpressionAttributeValues": {":version": {"N": str(purchase.version)}},
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }

    def get(self, purchase_id: str) -> Purchase | None:
        """Read a purchase, consistently; what is no purchase's id is not looked for."""
        if not is_id("pur", purchase_id):
            return None
        item = get_item(self._table_name, _key(purchase_id, PURCHASE))
        return from_item(item) if item else None

    @dynamodb.translated
    def waiting(self, purchase_id: str) -> Waiting | None:
        """Read a purchase and its task token, consistently, in one read."""
        response = dynamodb.client().query(
            TableName=self._table_name,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": partition_key(purchase_id)}},
            ConsistentRead=True,
            Limit=2,
        )
        items = {item["sk"]: item for item in map(dynamodb.unmarshal, response["Items"])}
        if PURCHASE not in items:
            return None
        token = items.get(TASK_TOKEN, {}).get("token")
        return Waiting(from_item(items[PURCHASE]), token)

    @dynamodb.translated
    def put_task_token(self, purchase_id: str, token: str) -> None:
        """Store the token of the task that waits; the one of an earlier wait is worthless."""
        item = {"pk": partition_key(purchase_id), "sk": TASK_TOKEN, "token": token}
        dynamodb.client().put_item(TableName=self._table_name, Item=dynamodb.marshal(item))

    @dynamodb.translated
    def list_by_user(self, user_id: str, page: Page) -> PurchasePage:
        """List a user's purchases, newest first.

        Parameters
        ----------
        user_id
            Whose.
        page
            How many, and after which position.

        Raises
        ------
        InvalidCursorError
            If the position is none of this list.
        """
        request: dict[str, Any] = {
            "TableName": self._table_name,
            "IndexName": BY_USER,
            "KeyConditionExpression": "list_key = :user",
            "ExpressionAttributeValues": {":user": {"S": list_key(user_id)}},
            "ScanIndexForward": False,
            "Limit": page.limit + 1,  # one more tells whether the list goes on
        }
        if page.after is not None:
            request["ExclusiveStartKey"] = _start_key(user_id, page.after)
        found = [item["listed_at"]["S"] for item in dynamodb.client().query(**request)["Items"]]
        shown = found[: page.limit]
        goes_on = len(found) > page.limit
        ids = [_id_of(entry) for entry in shown]
        return PurchasePage(self.get_all(ids), {"listed_at": shown[-1]} if goes_on else None)

    @dynamodb.translated
    def opened_since(
        self, since: datetime, after: Mapping[str, str] | None, limit: int
    ) -> PurchasePage:
        """List a part of all users' purchases that were opened since a time, in no order.

        Scans the index, which holds nothing but the keys of purchases, never the table with its
        ledgers; parts without any purchase that is new enough are read on, within bounds.

        Parameters
        ----------
        since
            From when.
        after
            The position of the part before; None at the start.
        limit
            How many keys to read at once; there are never more purchases than that.

        Raises
        ------
        TemporarilyUnavailableError
            If DynamoDB does not answer.
        """
        position = after
        for _ in range(_MAX_SCANS):
            response = dynamodb.client().scan(**self._index_scan(since, position, limit))
            found = [dynamodb.unmarshal(item)["listed_at"] for item in response["Items"]]
            last = response.get("LastEvaluatedKey")
            position = dynamodb.unmarshal(last) if last else None
            if found or position is None:
                break
        return PurchasePage(self.get_all([_id_of(entry) for entry in found]), position)

    def _index_scan(
        self, since: datetime, after: Mapping[str, str] | None, limit: int
    ) -> dict[str, Any]:
        request: dict[str, Any] = {
            "TableName": self._table_name,
            "IndexName": BY_USER,
            "FilterExpression": "listed_at >= :since",
            "ExpressionAttributeValues": {":since": {"S": rfc3339(since)}},
            "ProjectionExpression": "listed_at",
            "Limit": limit,  # counts keys before the filter
        }
        if after is not None:
            request["ExclusiveStartKey"] = dynamodb.marshal(after)
        return request

    def get_all(self, purchase_ids: Sequence[str]) -> tuple[Purchase, ...]:
        """Read purchases, newest first; those that are not there are left out."""
        keys = [_key(purchase_id, PURCHASE) for purchase_id in purchase_ids]
        items = get_items(self._table_name, keys)
        newest_first = sorted(items, key=lambda item: str(item["listed_at"]), reverse=True)
        return tuple(from_item(item) for item in newest_first)

    def _put(self, item: Item, condition: str) -> None:
        self._call_put(
            {
                "TableName": self._table_name,
                "Item": dynamodb.marshal(item),
                "ConditionExpression": condition,
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        )

    @staticmethod
    @dynamodb.translated
    def _call_put(request: dict[str, Any]) -> None:
        dynamodb.client().put_item(**request)


def changed(item: Item | None) -> PurchaseChangedError:
    """Make the error for a purchase's write that a transaction refused."""
    return PurchaseChangedError(_current(item))


def _current(item: Item | None) -> Purchase:
    if item is None:
        # DynamoDB returns the item that stands in the way; without one there was nothing to change.
        raise LookupError("the purchase is gone")
    return from_item(item)


def stored(purchase: Purchase) -> Purchase:
    """Return a change as it is once it is in the table: one version further."""
    return replace(purchase, version=purchase.version + 1)


def _key(purchase_id: str, sort_key: str) -> dict[str, Any]:
    return dynamodb.marshal({"pk": partition_key(purchase_id), "sk": sort_key})


def _id_of(listed_at: str) -> str:
    return listed_at.partition("#")[2]


def _start_key(user_id: str, position: Mapping[str, str]) -> dict[str, Any]:
    listed_at = position.get("listed_at", "")
    if not is_id("pur", _id_of(listed_at)):
        raise InvalidCursorError("The cursor was not issued by this list.")
    key = _key(_id_of(listed_at), PURCHASE)
    return key | dynamodb.marshal({"list_key": list_key(user_id), "listed_at": listed_at})
