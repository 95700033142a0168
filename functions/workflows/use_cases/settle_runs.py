"""The steps of the run saga. Each may be delivered twice and then says the same again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from workflows.domain.automation import Json
from workflows.domain.failure import OutputTooLargeError, failure_of
from workflows.domain.json_text import json_text
from workflows.domain.run import Run, RunNotFoundError, StoredOutput
from workflows.use_cases.ports import OutputStore, RunLedger, RunStore, UsageRecorder

MAX_RECORD_OUTPUT_BYTES: Final = 100 * 1024
# What Step Functions hands on between states; said here, too, so that it holds wherever this runs.
MAX_OUTPUT_BYTES: Final = 256 * 1024


class RunSaga:
    """Takes a paid run to its end: succeeded and charged, or failed and given back.

    Parameters
    ----------
    record_usage
        Told of every run once, by the call that brought it to its end.
    """

    def __init__(
        self,
        runs: RunStore,
        ledger: RunLedger[Any],
        outputs: OutputStore,
        record_usage: UsageRecorder,
    ) -> None:
        self._runs = runs
        self._ledger = ledger
        self._outputs = outputs
        self._record_usage = record_usage

    def mark_running(self, run_id: str, now: datetime) -> Run:
        """Mark a run as running and return it; one that is settled stays as it is.

        Raises
        ------
        RunNotFoundError
            If there is no such run.
        """
        return self._runs.mark_running(run_id, now)

    def mark_succeeded(self, run_id: str, output: Json, now: datetime) -> Run:
        """Mark a run as succeeded; one that is settled stays as it is.

        Raises
        ------
        RunNotFoundError
            If there is no such run.
        ValueError
            If the output is no JSON.
        OutputTooLargeError
            If it is larger than 256 KiB.
        """
        run, done = self._runs.mark_succeeded(run_id, self._stored(run_id, output), now)
        return self._recorded(run, done=done)

    def give_back(self, run_id: str, error: Mapping[str, Any], now: datetime) -> Run:
        """Mark a run as failed and give its credits back, once.

        Parameters
        ----------
        error
            `{"Error", "Cause"}` as a `Catch` of Step Functions hands it on.

        Raises
        ------
        RunNotFoundError
            If there is no such run.
        AccountBusyError, TemporarilyUnavailableError
            If nothing could be changed; to be tried again.
        """
        run = self._runs.get(run_id)
        if run is None:
            raise RunNotFoundError
        if run.is_settled:
            return run
        run, done = self._ledger.fail(run, failure_of(error), now)
        return self._recorded(run, done=done)

    def _stored(self, run_id: str, output: Json) -> StoredOutput:
        text = json_text(output)
        size_bytes = len(text.encode())
        if size_bytes > MAX_OUTPUT_BYTES:
            raise OutputTooLargeError(size_bytes)
        if size_bytes <= MAX_RECORD_OUTPUT_BYTES:
            return StoredOutput(value=output, bytes=size_bytes)
        return StoredOutput(key=self._outputs.put(run_id, text), bytes=size_bytes)

    def _recorded(self, run: Run, *, done: bool) -> Run:
        if done:
            self._record_usage(run)
        return run
