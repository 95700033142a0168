"""Lambda handler: looks for lost purchase sagas, in one of two ways.

| `look_at` | called | looks at |
|---|---|---|
| `executions` | every few minutes | purchases whose execution failed, timed out or was aborted |
| `purchases` | daily, part by part | all of the last days, also those that never got an execution |

Answers `started`, how many sagas, and `position`: where the next part of `purchases` begins, to be
handed in again; null after the last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from billing.adapters.purchase_store import PurchaseStore
from billing.adapters.purchase_store_items import list_key
from billing.sweeper.restarting import Restarting
from kernel import clock, settings
from kernel.observability import logger
from kernel.sagas.index_walk import IndexPart, IndexWalk
from kernel.sagas.item_executions import ItemExecutions
from kernel.sagas.step_functions import StateMachine

# The walk comes by daily, so it looks at every purchase a few times before it lets go of it.
_LOOKS_BACK: Final = timedelta(days=7)


@dataclass(frozen=True)
class Settings:
    """What this function is told by its environment."""

    billing_table_name: str
    purchase_state_machine_arn: str
    sweep_after_seconds: int


_settings: Final = settings.read(Settings)
_patience: Final = timedelta(seconds=_settings.sweep_after_seconds)
_executions: Final = ItemExecutions(
    StateMachine(_settings.purchase_state_machine_arn), "purchase_id"
)
_walk: Final = IndexWalk(_settings.billing_table_name, list_key(""))
_restarting: Final = Restarting(PurchaseStore(_settings.billing_table_name), _executions, _patience)


def handler(event: Mapping[str, Any], _context: object) -> dict[str, object]:
    """Restart the lost sagas of one part."""
    now = clock.now()
    part = _candidates(event, now)
    started = _restarting.restart(part.ids, now)
    logger.info("swept", extra={"looked_at": len(part.ids), "started": started})
    return {"started": started, "position": part.position}


def _candidates(event: Mapping[str, Any], now: datetime) -> IndexPart:
    since = now - _LOOKS_BACK
    if event["look_at"] == "executions":
        return IndexPart(_executions.lost_since(since), None)
    return _walk.part(event.get("position"), since, now - _patience)
