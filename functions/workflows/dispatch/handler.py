"""Lambda handler: the workflows table's stream to the run state machine."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.settings import read
from kernel.step_functions import StateMachine
from workflows.adapters.executions import RunExecutions
from workflows.dispatch.records import Dispatcher


@dataclass(frozen=True)
class Settings:
    """The function's environment."""

    run_state_machine_arn: str


handler = Dispatcher(RunExecutions(StateMachine(read(Settings).run_state_machine_arn))).handle
