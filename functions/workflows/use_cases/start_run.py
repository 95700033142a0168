"""Starts runs: two sequential round trips, the reads in parallel and one transaction."""

from __future__ import annotations

from concurrent.futures import Executor, wait
from dataclasses import dataclass
from datetime import datetime
from typing import Generic

from billing.debit import InsufficientCreditsError
from kernel.idempotency import verify_fingerprint
from workflows.domain.automation import Catalogue
from workflows.domain.run import Run, RunRequest, order_run, verify_input
from workflows.domain.workflow import owned
from workflows.use_cases.ports import AccountT, RunExistsError, RunLedger, RunStore


@dataclass(frozen=True, slots=True)
class StartedRun:
    """A run, and whether an earlier request with the same key had started it."""

    run: Run
    replayed: bool


class StartRun(Generic[AccountT]):
    """Pays for a run of a workflow and queues it, once per idempotency key.

    Parameters
    ----------
    executor
        Reads the account while this thread reads workflow and run.
    """

    def __init__(
        self,
        runs: RunStore,
        ledger: RunLedger[AccountT],
        catalogue: Catalogue,
        executor: Executor,
    ) -> None:
        self._runs = runs
        self._ledger = ledger
        self._catalogue = catalogue
        self._executor = executor

    def __call__(self, request: RunRequest, now: datetime) -> StartedRun:
        """Start a run, or find the one that this key started.

        A refusal stores nothing, so the key can be used again.

        Raises
        ------
        ValidationFailedError
            If the input is too large.
        IdempotencyKeyReusedError
            If the key was used for another request.
        WorkflowNotFoundError, WorkflowNotOwnedError, WorkflowArchivedError, AutomationNotFoundError
            If the workflow cannot be run by this user.
        InsufficientCreditsError
            If the account cannot pay.
        AccountBusyError, TemporarilyUnavailableError
            If nothing could be changed; the same request may succeed later.
        """
        verify_input(request.input)
        reading = self._executor.submit(self._ledger.account, request.user_id)
        try:
            workflow, run = self._runs.workflow_and_run(request.workflow_id, request.run_id)
        finally:
            wait([reading])  # no thread outlives its request
        if run is not None:
            return _replay(run, request)
        workflow = owned(workflow, request.user_id)
        automation = self._catalogue.automation(workflow.automation_id)
        order = order_run(request, workflow, automation, now)
        try:
            return StartedRun(self._ledger.start(reading.result(), order), replayed=False)
        except RunExistsError as error:
            return _replay(error.run, request)
        except InsufficientCreditsError as refusal:
            return self._paid_meanwhile(request, refusal)

    def _paid_meanwhile(self, request: RunRequest, refusal: InsufficientCreditsError) -> StartedRun:
        """Look once more before refusing: the credits may be gone because this very run took them.

        A request with the same key can have been faster between the two parallel reads.
        """
        _, run = self._runs.workflow_and_run(request.workflow_id, request.run_id)
        if run is None:
            raise refusal
        return _replay(run, request)


def _replay(run: Run, request: RunRequest) -> StartedRun:
    verify_fingerprint(run.order.fingerprint, request.fingerprint)
    return StartedRun(run, replayed=True)
