"""Lambda handler: the steps of the run state machine.

Every step gets `{"step", "run_id", "correlation_id", …}` and answers at least
`{"outcome", "run_id", "correlation_id"}`. A step may be delivered any number of times.

| step | gets besides | answers besides | outcome |
|---|---|---|---|
| `mark_running` | | `automation_id`, `parameters` (object), `input` (object or null) | `running`; \
`settled` if the run is at its end, and the execution ends |
| `mark_succeeded` | `output`: what the automation returned, any JSON | | `succeeded`; `failed` if \
its credits were given back meanwhile |
| `give_back` | `error`: `{"Error", "Cause"}` as a `Catch` puts it | | `failed`; `succeeded` if it \
had succeeded meanwhile |

Errors worth a retry with backoff: `TemporarilyUnavailableError`, `AccountBusyError` (of
`give_back`) and Lambda's own. All others go to the `Catch`: of `mark_running`, of the automation
and of `mark_succeeded` to `give_back`; of `give_back` itself to the alarm, since credits are owed.
"""

from __future__ import annotations

from dataclasses import dataclass

from billing.debit import Debits
from kernel.settings import read
from workflows.adapters.output_bucket import OutputBucket
from workflows.adapters.run_ledger import TransactionalRunLedger
from workflows.adapters.run_table import RunTable
from workflows.adapters.usage import record_usage
from workflows.saga.steps import Steps
from workflows.use_cases.settle_runs import RunSaga


@dataclass(frozen=True)
class Settings:
    """What this function is told by its environment."""

    workflows_table_name: str
    billing_table_name: str
    outputs_bucket_name: str


_settings = read(Settings)
_ledger = TransactionalRunLedger(
    Debits.of_table(_settings.billing_table_name), _settings.workflows_table_name
)
handler = Steps(
    RunSaga(
        RunTable(_settings.workflows_table_name),
        _ledger,
        OutputBucket(_settings.outputs_bucket_name),
        record_usage,
    )
).handle
