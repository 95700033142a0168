"""What is to be done about a run that no execution brought to its end."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from kernel.sagas.executions import Execution
from workflows.domain.run import Run

MAX_EXECUTIONS: Final = 3
# What was asked for longer ago is not wanted any more: the credits are.
WORTH_RUNNING_FOR: Final = timedelta(days=1)
# How an execution ends whose automation failed, and then giving back did, for good.
_OWED: Final = "RunStuck"


class Remedy(StrEnum):
    """What to do about a run: `start` an execution that never began, `restart` with another."""

    NOTHING = "nothing"
    START = "start"
    RESTART = "restart"
    GIVE_BACK = "give_back"


def remedy(run: Run, execution: Execution | None, now: datetime, patience: timedelta) -> Remedy:
    """Decide about a run.

    An execution that runs is let run: its states have time-outs, so it ends by itself. One that
    has ended never begins again, so a run is not executed by two.

    Parameters
    ----------
    run
        The run as it is.
    execution
        Its latest execution; None if there is none, or none yet.
    now
        The time.
    patience
        How long the table's stream may take to start the first execution.
    """
    if run.is_settled or (execution is not None and execution.runs):
        return Remedy.NOTHING
    age = now - run.order.created_at
    if execution is None and run.executions == 1 and age < patience:
        return Remedy.NOTHING
    if age >= WORTH_RUNNING_FOR:
        return Remedy.GIVE_BACK
    if execution is None:
        return Remedy.START
    is_lost = execution.error != _OWED and run.executions < MAX_EXECUTIONS
    return Remedy.RESTART if is_lost else Remedy.GIVE_BACK
