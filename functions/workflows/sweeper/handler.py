"""Lambda handler: looks for lost runs, in one of two ways.

| `look_at` | called | looks at |
|---|---|---|
| `executions` | every few minutes | runs whose execution failed, timed out or was aborted |
| `runs` | daily, part by part | all runs of the last days, also those that never got an execution |

Answers `recovered`, how many runs each remedy was applied to, and `position`: where the next part
of `runs` begins, to be handed in again; null after the last.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from billing.debit import Debits
from kernel.clock import now
from kernel.observability import logger
from kernel.sagas.index_walk import IndexPart, IndexWalk
from kernel.sagas.item_executions import ItemExecutions
from kernel.sagas.step_functions import StateMachine
from kernel.settings import read
from workflows.adapters.items import runs_list
from workflows.adapters.run_ledger import TransactionalRunLedger
from workflows.adapters.run_table import RunTable
from workflows.adapters.usage import record_recovery
from workflows.use_cases.recover_runs import RecoverRuns

Event = dict[str, Any]
# The walk comes by daily, so it looks at every run a few times before it lets go of it.
_LOOKS_BACK: Final = timedelta(days=7)


@dataclass(frozen=True)
class Settings:
    """What this function is told by its environment."""

    workflows_table_name: str
    billing_table_name: str
    run_state_machine_arn: str
    sweep_after_seconds: int


_settings = read(Settings)
_patience = timedelta(seconds=_settings.sweep_after_seconds)
_executions = ItemExecutions(StateMachine(_settings.run_state_machine_arn), "run_id")
_walk = IndexWalk(_settings.workflows_table_name, runs_list(""))
_recover = RecoverRuns(
    RunTable(_settings.workflows_table_name),
    _executions,
    TransactionalRunLedger(
        Debits.of_table(_settings.billing_table_name), _settings.workflows_table_name
    ),
    _patience,
    record_recovery,
)


def handler(event: Event, _context: object) -> Event:
    """Recover the lost runs of one part."""
    at = now()
    part = _candidates(event, at)
    recovered = _recover(part.ids, at)
    logger.info("swept", extra={"looked_at": len(part.ids), "recovered": recovered})
    return {"recovered": recovered, "position": part.position}


def _candidates(event: Event, at: datetime) -> IndexPart:
    since = at - _LOOKS_BACK
    if event["look_at"] == "executions":
        return IndexPart(_executions.lost_since(since), None)
    return _walk.part(event.get("position"), since, at - _patience)
