"""Accounts with a long history and many grants, made faster than they would come about."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from boto3.dynamodb.types import TypeSerializer

from benchmarks.scenes.ledgers import CAUSE, entries_of
from billing.adapters.ledger_items import sort_key, to_item
from billing.domain.commands import GrantPromo
from local.aws import Aws
from tests.integration.ledger.scenarios import NOW

_BATCH: Final = 25  # BatchWriteItem takes no more
_THREADS: Final = 4
_CREDITS: Final = 1_000


def grow(aws: Aws, table: str, user_id: str, *, entries: int, grants: int) -> None:
    """Give a user a ledger whose last entry has all its grants; those before only take up room.

    Parameters
    ----------
    aws
        Where the table is.
    table, user_id
        Whose ledger.
    entries
        How many it is to have.
    grants
        How many of its grants still have credits.
    """
    last = _last_entry(user_id, entries, grants)
    filler = {**last, "grants": {"B": b""}}
    numbers = range(1, entries)
    batches = [numbers[start : start + _BATCH] for start in range(0, len(numbers), _BATCH)]

    def write(batch: range) -> None:
        items = [{**filler, "sk": {"S": sort_key(number)}} for number in batch]
        requests: Any = {table: [{"PutRequest": {"Item": item}} for item in items]}
        aws.dynamodb.batch_write_item(RequestItems=requests)

    with ThreadPoolExecutor(_THREADS) as threads:
        list(threads.map(write, batches))
    aws.dynamodb.put_item(TableName=table, Item=last)


def _last_entry(user_id: str, entries: int, grants: int) -> dict[str, Any]:
    given = [
        GrantPromo(_CREDITS, NOW + timedelta(days=30, seconds=number), CAUSE)
        for number in range(grants)
    ]
    last = entries_of(user_id, given, NOW)[-1]
    after = replace(last.after, entry_no=max(entries, grants))
    item = to_item(replace(last, after=after))
    serialize = TypeSerializer().serialize
    return {name: serialize(value) for name, value in item.items()}
