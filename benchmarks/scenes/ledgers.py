"""Ledgers as the domain itself makes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from billing.adapters.ledger_items import to_item
from billing.domain.account import Account
from billing.domain.commands import Command
from billing.domain.entry import Cause, Entry
from billing.domain.ledger import execute
from kernel.dynamodb import marshal

CAUSE: Final = Cause("benchmark", "bench_1", "example-correlation-1", "a benchmark")


def entries_of(user_id: str, commands: Sequence[Command], now: datetime) -> list[Entry]:
    """Carry commands out on an empty account, and return the entries that they make."""
    account, entries = Account(user_id), list[Entry]()
    for command in commands:
        entries += execute(account, command, now)
        account = entries[-1].after
    return entries


def ledger_of(user_id: str, commands: Sequence[Command], now: datetime) -> list[dict[str, Any]]:
    """Return those entries as DynamoDB's items."""
    return [marshal(to_item(entry)) for entry in entries_of(user_id, commands, now)]
