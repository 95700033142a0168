"""Runs' executions of the run state machine."""

from __future__ import annotations

from datetime import datetime

from kernel.executions import Execution, execution_name, item_id_of
from kernel.step_functions import StateMachine


class RunExecutions:
    """The executions of one state machine, each named after its run.

    Every method raises `TemporarilyUnavailableError` if Step Functions does not answer.

    Parameters
    ----------
    state_machine
        The run state machine.
    """

    def __init__(self, state_machine: StateMachine) -> None:
        self._state_machine = state_machine

    def start(self, run_id: str, correlation_id: str, number: int = 1) -> bool:
        """Start a run's execution of this number; return False if it was started before."""
        given = {"run_id": run_id, "correlation_id": correlation_id}
        return self._state_machine.start(execution_name(run_id, number), given)

    def find(self, run_id: str, number: int) -> Execution | None:
        """Look at a run's execution; None if there is none of this number (yet)."""
        return self._state_machine.execution(execution_name(run_id, number))

    def lost_since(self, moment: datetime) -> list[str]:
        """Name the runs with an execution that began since then and did not end well."""
        names = self._state_machine.unsuccessful_since(moment)
        return list(dict.fromkeys(map(item_id_of, names)))
