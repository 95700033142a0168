"""Lambda handler: the workflows table's stream to the run state machine."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.settings import read
from workflows.adapters.executions import Executions
from workflows.dispatch.records import Dispatcher


@dataclass(frozen=True)
class Settings:
    """The function's environment."""

    run_state_machine_arn: str


handler = Dispatcher(Executions(read(Settings).run_state_machine_arn)).handle
