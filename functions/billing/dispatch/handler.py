"""Lambda handler: the billing table's stream to the purchase saga."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from billing.adapters.purchase_store_items import ids_of_image
from kernel import settings
from kernel.sagas.item_executions import ItemExecutions
from kernel.sagas.outbox import dispatcher
from kernel.sagas.step_functions import StateMachine


@dataclass(frozen=True)
class Settings:
    """What this function is told by its environment."""

    purchase_state_machine_arn: str


_saga: Final = StateMachine(settings.read(Settings).purchase_state_machine_arn)
handler: Final = dispatcher("purchase_id", ids_of_image, ItemExecutions(_saga, "purchase_id").start)
