"""The tables that the simulated engine works on: the template's, under names of their own."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Final

from kernel import dynamodb

INDEX: Final = "by_user"
_STRINGS: Final = ("pk", "sk", "list_key", "listed_at")


@dataclass(frozen=True, slots=True)
class Tables:
    """The names of the two tables that credits live in."""

    billing: str
    workflows: str


def new_tables() -> Tables:
    """Make both tables, empty; their names say nothing and collide with no others."""
    suffix = secrets.token_hex(6)
    tables = Tables(f"Billing-{suffix}", f"Workflows-{suffix}")
    for name in (tables.billing, tables.workflows):
        dynamodb.client().call("CreateTable", {"TableName": name, **schema()})
    return tables


def schema() -> dict[str, Any]:
    """Describe a table as the template does: keys, and the index that lists by user."""
    return {
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": _key("pk", "sk"),
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": "S"} for name in _STRINGS
        ],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": INDEX,
                "KeySchema": _key("list_key", "listed_at"),
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    }


def _key(partition: str, sort: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]
