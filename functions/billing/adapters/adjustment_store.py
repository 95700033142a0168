"""Adjustments in DynamoDB: put once, and decided once."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from billing.adapters.ledger_store import TransactItem
from billing.domain.adjustment import Adjustment, AdjustmentState
from kernel import dynamodb
from kernel.clock import parse_rfc3339, rfc3339, rfc3339_or_none
from kernel.dynamodb import Item
from kernel.dynamodb_reads import get_item

_SORT_KEY: Final = "ADJUSTMENT"


class AdjustmentStore:
    """Reads adjustments, and makes the writes that store them.

    Parameters
    ----------
    table_name
        Billing's table.
    """

    def __init__(self, table_name: str) -> None:
        self._table_name = table_name

    def get(self, adjustment_id: str) -> Adjustment | None:
        """Read an adjustment, consistently."""
        key = dynamodb.marshal({"pk": _partition_key(adjustment_id), "sk": _SORT_KEY})
        item = get_item(self._table_name, key)
        return _read(item) if item else None

    def creation_of(self, adjustment: Adjustment) -> TransactItem:
        """Return the put of a new adjustment, on condition that there is none of this id."""
        return self._put(adjustment, {"ConditionExpression": "attribute_not_exists(pk)"})

    def decision_of(self, adjustment: Adjustment) -> TransactItem:
        """Return the put of a decided adjustment, on condition that nobody has decided."""
        return self._put(
            adjustment,
            {
                "ConditionExpression": "#state = :requested",
                "ExpressionAttributeNames": {"#state": "state"},
                "ExpressionAttributeValues": {":requested": {"S": AdjustmentState.REQUESTED.value}},
            },
        )

    def _put(self, adjustment: Adjustment, condition: dict[str, Any]) -> TransactItem:
        item = dynamodb.marshal(_item(adjustment))
        return {"Put": {"TableName": self._table_name, "Item": item, **condition}}


def _partition_key(adjustment_id: str) -> str:
    return f"ADJUSTMENT#{adjustment_id}"


def _item(adjustment: Adjustment) -> Item:
    return {
        **asdict(adjustment),
        "pk": _partition_key(adjustment.id),
        "sk": _SORT_KEY,
        "state": adjustment.state.value,
        "requested_at": rfc3339(adjustment.requested_at),
        "decided_at": rfc3339_or_none(adjustment.decided_at),
    }


def _read(item: Item) -> Adjustment:
    decided_at = item["decided_at"]
    return Adjustment(
        id=item["id"],
        user_id=item["user_id"],
        credits=item["credits"],
        reason=item["reason"],
        requested_by=item["requested_by"],
        requested_at=parse_rfc3339(item["requested_at"]),
        state=AdjustmentState(item["state"]),
        decided_by=item["decided_by"],
        decided_at=parse_rfc3339(decided_at) if decided_at else None,
        entry_no=item["entry_no"],
    )
