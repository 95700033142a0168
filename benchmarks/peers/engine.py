"""Ours: the use case behind `POST /v1/workflows/{id}/runs`, as its handler wires it."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final

from billing.adapters.ledger_store import LedgerStore
from billing.debit import AccountBusyError, Debits
from billing.domain.commands import GrantPromo
from billing.domain.entry import Cause
from billing.domain.ledger import execute
from kernel import clock
from local.aws import Aws
from tests.simulator.tables import schema
from workflows.adapters.run_ledger import TransactionalRunLedger
from workflows.adapters.run_table import RunTable
from workflows.adapters.workflow_table import WorkflowTable
from workflows.catalogue.reading import read_catalogue
from workflows.domain.run import RunRequest
from workflows.domain.workflow import Workflow
from workflows.use_cases.start_run import StartRun

_BILLING, _WORKFLOWS = "Billing", "Workflows"
_CREDITS: Final = 100_000_000
_CAUSE: Final = Cause("benchmark", "bench_1", "example-correlation-1")


def prepare(accounts: int) -> None:
    """Make the tables, and users with credits and a workflow each."""
    aws = Aws(os.environ["AWS_ENDPOINT_URL"])
    for table in (_BILLING, _WORKFLOWS):
        aws.dynamodb.create_table(TableName=table, **schema())
    now, grant = clock.now(), GrantPromo(_CREDITS, None, _CAUSE)
    for number in range(accounts):
        LedgerStore(_BILLING).commit(
            _user(number), lambda account: execute(account, grant, now), lambda _: []
        )
        workflow = Workflow(
            _workflow(number), _user(number), "Sum", "csv-summary", {"csv": "a\n1\n"}, 1, now, now
        )
        WorkflowTable(_WORKFLOWS).add(workflow)


def debit(account: int, key: str) -> bool:
    """Pay for a run and store it; tell whether the account was not too busy."""
    request = RunRequest(_user(account), _workflow(account), key, None, "example-correlation-1")
    try:
        _start_run()(request, clock.now())
    except AccountBusyError:
        return False
    return True


@cache
def _start_run() -> StartRun:  # type: ignore[type-arg]  # of the one kind of account that there is
    return StartRun(
        RunTable(_WORKFLOWS),
        TransactionalRunLedger(Debits.of_table(_BILLING), _WORKFLOWS),
        read_catalogue("local"),
        ThreadPoolExecutor(1),
    )


def _user(number: int) -> str:
    return f"usr_{number:026}"


def _workflow(number: int) -> str:
    return f"wfl_{number:026}"
