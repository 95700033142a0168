"""What operators can ask of workflows. Invoked directly, never by the API.

==================  ==============================  ====================================
operation           parameters                      result
==================  ==============================  ====================================
`replay`            `request_id`, `reason`          started: the walk through all runs
`replay_outcome`    `request_id`                    `status`, `handled_before`
`show_log`          `month`, `before`, `limit`      what operators did
==================  ==============================  ====================================

Event, answer and records: `kernel.operators.operations`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from kernel import settings
from kernel.operators.log import OperatorLog
from kernel.operators.operations import Desk, look_at_log
from kernel.operators.runs import OperatorRun, handled_before, run_operations
from kernel.sagas.step_functions import StateMachine


@dataclass(frozen=True)
class Settings:
    """What this function is told by its environment."""

    workflows_table_name: str
    sweep_state_machine_arn: str
    sweep_after_seconds: int


_settings: Final = settings.read(Settings)
_log: Final = OperatorLog(_settings.workflows_table_name)
_sweep: Final = OperatorRun(
    StateMachine(_settings.sweep_state_machine_arn),
    _log,
    handled_before(timedelta(seconds=_settings.sweep_after_seconds)),
)
handler: Final = Desk(
    {**run_operations("replay", _sweep, {"position": None}), "show_log": look_at_log(_log)}, _log
)
