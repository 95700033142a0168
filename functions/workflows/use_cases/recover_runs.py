"""Brings runs to their end whose execution was lost, or never began."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from kernel.errors import DomainError
from workflows.domain.failure import INTERRUPTED
from workflows.domain.recovery import Remedy, remedy
from workflows.domain.run import Run
from workflows.use_cases.ports import Executions, LostRuns, RunLedger

RecoveryRecorder = Callable[[Run, Remedy], None]


class RecoverRuns:
    """Starts lost runs again or gives their credits back, never both.

    A further execution is counted on the run before it is started, and giving back takes a run
    that was not touched since it was judged. So of several sweepers, and of sweeper and saga,
    only one gets to act.

    Parameters
    ----------
    patience
        How long the table's stream may take to start a run.
    record
        Told of every run that was recovered, as it is then, and of what was done.
    """

    def __init__(
        self,
        runs: LostRuns,
        executions: Executions,
        ledger: RunLedger[Any],
        patience: timedelta,
        record: RecoveryRecorder,
    ) -> None:
        self._runs = runs
        self._executions = executions
        self._ledger = ledger
        self._patience = patience
        self._record = record
        self._act: dict[Remedy, Callable[[Run, datetime], Run | None]] = {
            Remedy.NOTHING: lambda _run, _now: None,
            Remedy.START: self._start,
            Remedy.RESTART: self._restart,
            Remedy.GIVE_BACK: self._give_back,
        }

    def __call__(self, run_ids: Sequence[str], now: datetime) -> Counter[str]:
        """Recover those of some runs that need it.

        Returns
        -------
        Counter of str
            How many runs each remedy was applied to; `postponed` are those that could not be
            helped now, and are left to the next sweep.

        Raises
        ------
        TemporarilyUnavailableError
            If the runs cannot be read now.
        ExceptionGroup
            Of the defects that runs met, after all others were recovered.
        """
        done: Counter[str] = Counter()
        defects: list[Exception] = []
        for run in self._runs.unsettled(run_ids):
            try:
                done.update(self._recover(run, now))
            except DomainError:  # one account that is busy must not hold up all others
                done["postponed"] += 1
            except Exception as defect:  # noqa: BLE001  # and neither must one that is broken
                defects.append(defect)
        if defects:
            raise ExceptionGroup("runs that cannot be recovered", defects)
        return done

    def _recover(self, run: Run, now: datetime) -> list[str]:
        execution = self._executions.find(run.id, run.executions)
        chosen = remedy(run, execution, now, self._patience)
        recovered = self._act[chosen](run, now)
        if recovered is None:  # nothing to do, or somebody else did it
            return []
        self._record(recovered, chosen)
        return [str(chosen)]

    def _start(self, run: Run, _now: datetime) -> Run | None:
        started = self._executions.start(run.id, run.order.correlation_id, run.executions)
        return run if started else None

    def _restart(self, run: Run, now: datetime) -> Run | None:
        if not self._runs.count_execution(run):
            return None
        return self._start(replace(run, executions=run.executions + 1), now)

    def _give_back(self, run: Run, now: datetime) -> Run | None:
        failed, done = self._ledger.fail(run, INTERRUPTED, now, only_unchanged=True)
        return failed if done else None
