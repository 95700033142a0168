"""The executions of purchases and runs: each saga's are named after what they bring to its end."""

from __future__ import annotations

from datetime import datetime

from kernel.sagas.executions import Execution, execution_name, item_id_of
from kernel.sagas.step_functions import StateMachine


class ItemExecutions:
    """The executions of one state machine.

    Every method raises `TemporarilyUnavailableError` if Step Functions does not answer.

    Parameters
    ----------
    state_machine
        The saga's state machine.
    id_name
        What its input calls the item's id, for example `run_id`.
    """

    def __init__(self, state_machine: StateMachine, id_name: str) -> None:
        self._state_machine = state_machine
        self._id_name = id_name

    def start(self, item_id: str, correlation_id: str, number: int = 1) -> bool:
        """Start an item's execution of this number; return False if it was started before."""
        given = {self._id_name: item_id, "correlation_id": correlation_id}
        return self._state_machine.start(execution_name(item_id, number), given)

    def find(self, item_id: str, number: int) -> Execution | None:
        """Look at an item's execution; None if there is none of this number (yet)."""
        return self._state_machine.execution(execution_name(item_id, number))

    def lost_since(self, moment: datetime) -> tuple[str, ...]:
        """Name the items with an execution that began since then and did not end well."""
        names = self._state_machine.unsuccessful_since(moment)
        return tuple(dict.fromkeys(map(item_id_of, names)))
