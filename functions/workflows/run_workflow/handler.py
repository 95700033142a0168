"""Lambda handler: wires the function's use case at cold start."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from billing.debit import NEVER, Debits
from kernel.http import api_handler
from kernel.settings import read
from workflows.adapters.output_bucket import OutputBucket
from workflows.adapters.run_ledger import TransactionalRunLedger
from workflows.adapters.run_table import RunTable
from workflows.catalogue.reading import read_catalogue
from workflows.domain.run import ROUTE
from workflows.run_workflow.endpoint import run_endpoint
from workflows.use_cases.start_run import StartRun


@dataclass(frozen=True)
class Settings:
    """What this function is told by its environment."""

    stage: str
    workflows_table_name: str
    billing_table_name: str
    outputs_bucket_name: str
    group_commit_after: int = NEVER


_settings = read(Settings)
_start_run = StartRun(
    RunTable(_settings.workflows_table_name),
    TransactionalRunLedger(
        Debits.of_table(_settings.billing_table_name, _settings.group_commit_after),
        _settings.workflows_table_name,
    ),
    read_catalogue(_settings.stage),
    ThreadPoolExecutor(max_workers=1, thread_name_prefix="account"),
)
handler = api_handler(
    {ROUTE: run_endpoint(_start_run, OutputBucket(_settings.outputs_bucket_name).link)}
)
