"""The audit finds what was done to a ledger behind the engine's back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from billing.adapters.ledger_items import partition_key, sort_key
from billing.adapters.ledger_store import LedgerStore
from billing.adapters.ledger_walk import LedgerWalk
from billing.audit.auditing import Report, audit_from
from billing.domain.commands import GrantPromo, Spend
from billing.domain.entry import Cause
from billing.domain.ledger import execute
from kernel import dynamodb

NOW = datetime(2026, 1, 1, tzinfo=UTC)
USERS = tuple(f"usr_{number:020}" for number in range(5))
CAUSE = Cause("run", "run_00000000000000000000", "cor-1")


@pytest.fixture
def ledgers(table: str) -> LedgerWalk:
    """Fill five accounts with seven entries each."""
    store = LedgerStore(table)
    for user in USERS:
        for command in (GrantPromo(100, None, CAUSE), *(Spend(5, CAUSE) for _ in range(6))):
            store.commit(user, lambda a, c=command: execute(a, c, NOW), lambda _: [])  # type: ignore[misc]  # a default
    dynamodb.client().put_item(
        TableName=table, Item=dynamodb.marshal({"pk": "PURCHASE#pur_1", "sk": "PURCHASE"})
    )
    return LedgerWalk(table, page_size=4)


def whole_audit(ledgers: LedgerWalk) -> Report:
    """Audit some parts at a time, as the state machine does."""
    total = Report()
    position: str | None = None
    for _ in range(100):
        report, position = audit_from(ledgers, position, 3, lambda: True)
        total.add(report)
        if position is None:
            return total
    raise AssertionError("the audit does not end")


def change(table: str, user: str, entry_no: int, **values: Any) -> None:  # noqa: ANN401
    """Change an entry as no role of the engine may."""
    item = {"pk": partition_key(user), "sk": sort_key(entry_no)}
    stored = dynamodb.client().get_item(TableName=table, Key=dynamodb.marshal(item))["Item"]
    dynamodb.client().put_item(TableName=table, Item={**stored, **dynamodb.marshal(values)})


def test_l13_every_account_is_walked_once_and_nothing_is_found(ledgers: LedgerWalk) -> None:
    """L13: parts may begin and end anywhere."""
    report = whole_audit(ledgers)
    assert (report.accounts, report.entries, report.findings) == (5, 35, [])


def test_l13_the_audit_goes_on_where_it_ran_out_of_time(ledgers: LedgerWalk) -> None:
    """L13: a part that was begun is finished, and the next call begins after it."""
    first, position = audit_from(ledgers, None, 100, lambda: False)
    assert position is not None
    rest, end = audit_from(ledgers, position, 100, lambda: True)
    assert end is None
    assert 0 < first.accounts < 5
    first.add(rest)
    assert (first.accounts, first.entries, first.findings) == (5, 35, [])


@pytest.mark.parametrize("entry_no", [1, 4, 7])
@pytest.mark.parametrize(
    "values",
    [{"balance": 1}, {"amount": -4}, {"hash": bytes(32)}, {"ref_id": "run_x"}, {"at": "?"}],
)
def test_l13_a_changed_entry_is_named(
    table: str, ledgers: LedgerWalk, entry_no: int, values: dict[str, Any]
) -> None:
    """L13: the account and the entry, exactly."""
    change(table, USERS[2], entry_no, **values)
    found = whole_audit(ledgers).findings
    assert {finding.user_id for finding in found} == {USERS[2]}
    assert found[0].entry_no == entry_no


def test_l13_a_deleted_first_entry_is_found(table: str, ledgers: LedgerWalk) -> None:
    """L13: a ledger that begins with number 2 is found, too."""
    key = dynamodb.marshal({"pk": partition_key(USERS[0]), "sk": sort_key(1)})
    dynamodb.client().call("DeleteItem", {"TableName": table, "Key": key})
    found = whole_audit(ledgers).findings
    assert (found[0].user_id, found[0].entry_no) == (USERS[0], 2)
