"""Billing's table in memory, and the operations wired on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from billing.adapters.adjustment_store import AdjustmentStore
from billing.adapters.ledger_store import LedgerStore
from billing.operations.adjusting import Adjusting
from kernel.ids import new_id
from kernel.operators.log import OperatorLog, OperatorRecord
from kernel.operators.operations import Call
from tests.moto_aws import aws_in_memory, create_table

TABLE = "Billing"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIRST = "arn:aws:sts::123456789012:assumed-role/Operator/somchai"
SECOND = "arn:aws:sts::123456789012:assumed-role/Operator/malee"
ALONE_LIMIT = 100


@pytest.fixture
def table() -> Iterator[str]:
    """Make an empty table with its index."""
    with aws_in_memory():
        create_table(TABLE)
        yield TABLE


@pytest.fixture
def ledger(table: str) -> LedgerStore:
    """Keep ledgers without waiting between attempts."""
    return LedgerStore(table, sleep=lambda _seconds: None)


@pytest.fixture
def log(table: str) -> OperatorLog:
    """Keep the operators' log."""
    return OperatorLog(table)


@pytest.fixture
def adjusting(table: str, ledger: LedgerStore, log: OperatorLog) -> Adjusting:
    """Adjust; more than 100 credits need two."""
    return Adjusting(ledger, AdjustmentStore(table), log, ALONE_LIMIT)


@pytest.fixture
def records(log: OperatorLog) -> Callable[[], list[OperatorRecord]]:
    """Return a function that reads all records, oldest first."""
    return lambda: list(reversed(log.month("2026-03", None, 100).records))


def call(
    operator: str = FIRST,
    operation: str = "adjust",
    **parameters: Any,  # noqa: ANN401  # any
) -> Call:
    """Make a call of an operator."""
    return Call(operation, operator, NOW, new_id("cor"), parameters)
