"""The audit of the deployed stack, asked for by its operator."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from local.layout import HERE
from tests.e2e.aws import Operator
from tests.e2e.session import TEST_INSTANCE, Session

pytestmark = pytest.mark.e2e
PATIENCE_SECONDS = 120


def make_audit() -> subprocess.CompletedProcess[str]:
    """Run the command on the tests' stack."""
    return subprocess.run(  # noqa: S603  # a program of ours, fixed arguments
        [sys.executable, "-m", "local", "--instance", TEST_INSTANCE, "audit"],
        cwd=HERE.root,
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )


@contextmanager
def tampered_with(user: Session, entry_no: int, **values: Any) -> Iterator[None]:  # noqa: ANN401  # DynamoDB's
    """Change a ledger entry as only somebody with the table's own rights can, for a while."""
    dynamodb = Operator(user.stack).client("dynamodb")
    table = user.stack.table_names["billing"]
    key = {"pk": {"S": f"LEDGER#{user.user_id}"}, "sk": {"S": f"{entry_no:012}"}}
    stored = dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]
    dynamodb.put_item(TableName=table, Item={**stored, **values})
    try:
        yield
    finally:
        dynamodb.put_item(TableName=table, Item=stored)


def test_l13_a_changed_entry_is_named_and_nothing_else(new_user: Callable[[], Session]) -> None:
    """L13: given one credit more in one entry of one user, the audit names that entry alone."""
    user, other = new_user(), new_user()
    for buyer in (user, other):
        buyer.buy_credits("starter")
    workflow = user.engine.create_workflow("Sum", "csv-summary", {"csv": "a\n1\n"})
    for _ in range(3):
        user.finished(user.engine.run(workflow["id"]))

    sound = make_audit()
    with tampered_with(user, 3, amount={"N": "-9"}):
        found = make_audit()

    assert (sound.returncode, "findings 0" in sound.stdout) == (0, True), sound
    assert found.returncode == 1
    named = [line for line in found.stdout.splitlines() if "✗" in line]
    assert {line.split()[1:4] == [user.user_id, "entry", "3"] for line in named} == {True}, found
