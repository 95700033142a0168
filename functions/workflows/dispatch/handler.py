"""Lambda handler: the workflows table's stream to the run state machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kernel.sagas.item_executions import ItemExecutions
from kernel.sagas.outbox import dispatcher
from kernel.sagas.step_functions import StateMachine
from kernel.settings import read
from workflows.adapters.items import ids_of_image


@dataclass(frozen=True)
class Settings:
    """What this function is told by its environment."""

    run_state_machine_arn: str


_saga: Final = StateMachine(read(Settings).run_state_machine_arn)
handler: Final = dispatcher("run_id", ids_of_image, ItemExecutions(_saga, "run_id").start)
