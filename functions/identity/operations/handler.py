"""What operators can ask of identity. Invoked directly, never by the API.

==============  ==============================  ========================================
operation       parameters                      result
==============  ==============================  ========================================
`find_user`     `email`                         `id`, `email`, `created_at`
`show_user`     `user_id`                       the same
`show_log`      `month`, `before`, `limit`      what operators looked at
==============  ==============================  ========================================

Event, answer and records: `kernel.operators.operations`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from identity.adapters.user_store import UserStore
from identity.operations.user_lookup import UserLookup
from kernel import settings
from kernel.operators.log import OperatorLog
from kernel.operators.operations import Desk, look_at_log


@dataclass(frozen=True)
class Settings:
    """What this function is told by its environment."""

    identity_table_name: str


_settings: Final = settings.read(Settings)
_log: Final = OperatorLog(_settings.identity_table_name)
_lookup: Final = UserLookup(UserStore(_settings.identity_table_name))
handler: Final = Desk({**_lookup.operations(), "show_log": look_at_log(_log)}, _log)
