"""No framework: one statement that takes, records and stores; what PostgreSQL itself can do."""

from __future__ import annotations

import os
from functools import cache
from typing import Any, Final

import psycopg

_COST: Final = 10
_CREDITS: Final = 100_000_000
_TABLES: Final = """
    CREATE TABLE accounts (id int PRIMARY KEY, balance bigint CHECK (balance >= 0));
    CREATE TABLE entries (id bigserial PRIMARY KEY, account int, amount bigint, balance bigint);
    CREATE TABLE runs (key text PRIMARY KEY, account int, cost int)
"""
_DEBIT: Final = """
    WITH taken AS (
        UPDATE accounts SET balance = balance - %(cost)s
        WHERE id = %(account)s AND balance >= %(cost)s RETURNING balance
    ), entry AS (
        INSERT INTO entries (account, amount, balance)
        SELECT %(account)s, -%(cost)s, balance FROM taken
    )
    INSERT INTO runs SELECT %(key)s, %(account)s, %(cost)s FROM taken
"""


def prepare(accounts: int) -> None:
    """Make full accounts."""
    _connection().execute(_TABLES)
    for number in range(accounts):
        _connection().execute("INSERT INTO accounts VALUES (%s, %s)", [number, _CREDITS])


def debit(account: int, key: str) -> bool:
    """Take, record and store."""
    values = {"account": account, "key": key, "cost": _COST}
    return bool(_connection().execute(_DEBIT, values).rowcount)


@cache
def _connection() -> psycopg.Connection[Any]:
    return psycopg.connect(
        host="127.0.0.1",
        port=os.environ["PEERS_PORT"],
        user="bench",
        dbname=os.environ["PEERS_DATABASE"],
        autocommit=True,
    )
