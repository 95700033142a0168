"""The services' tables, the outputs' bucket and a state machine, in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from billing.adapters.ledger_store import LedgerStore
from billing.domain.commands import GrantPromo
from billing.domain.entry import Cause
from billing.domain.ledger import execute
from kernel import s3
from tests.moto_aws import aws_in_memory, create_state_machine, create_table

WORKFLOWS = "Workflows"
BILLING = "Billing"
OUTPUTS = "outputs"


@pytest.fixture(autouse=True)
def _aws() -> Iterator[None]:
    """Make both services' tables and the bucket."""
    with aws_in_memory():
        create_table(WORKFLOWS)
        create_table(BILLING)
        s3.client().create_bucket(
            Bucket=OUTPUTS, CreateBucketConfiguration={"LocationConstraint": "ap-southeast-1"}
        )
        yield


@pytest.fixture
def grant_credits(_aws: None) -> Callable[[str, int], None]:
    """Return a function that gives a user credits."""

    def grant(user_id: str, credits_: int) -> None:
        command = GrantPromo(credits_, None, Cause("adjustment", "test", "cor_test"))
        now = datetime(2026, 1, 1, tzinfo=UTC)
        LedgerStore(BILLING).commit(
            user_id, lambda account: execute(account, command, now), lambda _: []
        )

    return grant


@pytest.fixture
def state_machine(_aws: None) -> str:
    """Make a state machine and give its ARN."""
    return create_state_machine("runs")
