"""Debit intents in DynamoDB: a queue per account, apart from its ledger.

They lie under `INTENTS#<user id>`, so that a role can be allowed to delete them and still nothing
of the ledger. Their sort keys begin with the time and end with chance: no two are the same, and
they sort as they came.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from billing.adapters.ledger_store import TransactItem
from billing.domain.debit_intents import DebitIntent
from billing.domain.entry import Cause
from kernel import dynamodb
from kernel.clock import parse_rfc3339, rfc3339
from kernel.dynamodb import Attributes, ConditionFailedError, Item
from kernel.ids import new_id

PREFIX: Final = "INTENTS#"
# What one transaction can carry out, and some that it cannot pay for; at most 1 MB is read.
PAGE: Final = 50


def number_of(asked_at: datetime) -> str:
    """Make up the number of an intent."""
    return f"{rfc3339(asked_at)}#{new_id('int')}"


class IntentStore:
    """Keeps the debit intents of all accounts.

    Parameters
    ----------
    table_name
        Billing's table.
    """

    def __init__(self, table_name: str) -> None:
        self._table_name = table_name

    @dynamodb.translated
    def put(self, intent: DebitIntent) -> None:
        """Add an intent."""
        dynamodb.client().put_item(
            TableName=self._table_name, Item=dynamodb.marshal(_to_item(intent))
        )

    def oldest(self, intent: DebitIntent) -> DebitIntent | None:
        """Read the oldest of an account's intents that is not younger than this one.

        It is this one if nothing comes before it, and None if this one is gone.
        """
        return next(iter(self._read(intent.user_id, intent.number, 1)), None)

    def open(self, user_id: str) -> list[DebitIntent]:
        """Read an account's oldest intents."""
        return self._read(user_id, "~", PAGE)

    def withdraw(self, intent: DebitIntent) -> bool:
        """Take an intent back; say whether it was there still, so that nobody can carry it out.

        Raises
        ------
        TransactionCancelledError
            If a transaction has to do with it at this moment.
        """
        try:
            self._delete(intent, ConditionExpression="attribute_exists(pk)")
        except ConditionFailedError:
            return False
        return True

    def discard(self, intent: DebitIntent) -> None:
        """Delete an intent that nobody is to carry out any more.

        Raises
        ------
        TransactionCancelledError
            If a transaction has to do with it at this moment.
        """
        self._delete(intent)

    def removal(self, intent: DebitIntent, *, of_paid: bool) -> TransactItem:
        """Make the write that takes an intent away; a paid one must be there still."""
        delete: Item = {"TableName": self._table_name, "Key": _key(intent)}
        if of_paid:
            delete["ConditionExpression"] = "attribute_exists(pk)"
        return {"Delete": delete}

    @dynamodb.translated
    def _delete(self, intent: DebitIntent, **condition: str) -> None:
        request: Item = {"TableName": self._table_name, "Key": _key(intent), **condition}
        dynamodb.client().delete_item(**request)

    @dynamodb.translated
    def _read(self, user_id: str, up_to: str, limit: int) -> list[DebitIntent]:
        response = dynamodb.client().query(
            TableName=self._table_name,
            KeyConditionExpression="pk = :pk AND sk <= :up_to",
            ExpressionAttributeValues=dynamodb.marshal({":pk": PREFIX + user_id, ":up_to": up_to}),
            ConsistentRead=True,
            Limit=limit,
        )
        return [_from_item(dynamodb.unmarshal(item)) for item in response["Items"]]


def _key(intent: DebitIntent) -> Attributes:
    return dynamodb.marshal({"pk": PREFIX + intent.user_id, "sk": intent.number})


def _to_item(intent: DebitIntent) -> Item:
    return {
        "pk": PREFIX + intent.user_id,
        "sk": intent.number,
        "credits": intent.credits,
        "ref_kind": intent.cause.kind,
        "ref_id": intent.cause.id,
        "cid": intent.cause.correlation_id,
        "at": rfc3339(intent.asked_at),
        "not_after": rfc3339(intent.not_after),
        "draft": dict(intent.draft),
    }


def _from_item(item: Item) -> DebitIntent:
    return DebitIntent(
        user_id=item["pk"].removeprefix(PREFIX),
        number=item["sk"],
        credits=item["credits"],
        cause=Cause(item["ref_kind"], item["ref_id"], item["cid"]),
        asked_at=parse_rfc3339(item["at"]),
        not_after=parse_rfc3339(item["not_after"]),
        draft=item["draft"],
    )
