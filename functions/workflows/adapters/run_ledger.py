"""Runs and billing's ledger in one transaction: the only place where the services touch."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from billing.debit import (
    Account,
    CompanionRefusedError,
    Debit,
    Debits,
    RunRecord,
    TransactItem,
)
from kernel.clock import rfc3339
from kernel.dynamodb import Item, marshal
from kernel.dynamodb_reads import get_item
from workflows.adapters.items import order_item, paid_item, run_key, run_of
from workflows.adapters.run_table import transition
from workflows.domain.failure import Failure
from workflows.domain.run import Run, RunOrder, RunStatus
from workflows.use_cases.ports import RunExistsError


class TransactionalRunLedger:
    """Stores a run with its debit, and its failure with its give-back.

    Parameters
    ----------
    debits
        Billing's ledger.
    table_name
        The workflows table.
    """

    def __init__(self, debits: Debits, table_name: str) -> None:
        self._debits = debits
        self._table_name = table_name

    def account(self, user_id: str) -> Account:
        """Read an account: one consistent read."""
        return self._debits.account(user_id)

    def start(self, account: Account, order: RunOrder) -> Run:
        """Debit the account and store the run.

        Raises
        ------
        RunExistsError
            If the run is stored already; nothing was debited again.
        InsufficientCreditsError, AccountBusyError, TemporarilyUnavailableError
            If it could not be paid.
        """
        try:
            debit = self._debits.debit(
                account,
                credits=order.credit_cost,
                run_id=order.id,
                now=order.created_at,
                correlation_id=order.correlation_id,
                run=self._record(order),
            )
        except CompanionRefusedError as error:
            return _stored_for(order, _refused(error))
        return Run(order, debit.entry_no, debit.balance_after)

    def _record(self, order: RunOrder) -> RunRecord:
        return RunRecord(
            draft=order_item(order),
            write=self._put,
            find=lambda: get_item(self._table_name, run_key(order.id)),
        )

    def _put(self, draft: Item, debit: Debit) -> TransactItem:
        put = {
            "TableName": self._table_name,
            "Item": marshal(paid_item(draft, debit.entry_no, debit.balance_after)),
            "ConditionExpression": "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        return {"Put": put}

    def fail(
        self, run: Run, failure: Failure, now: datetime, *, only_unchanged: bool = False
    ) -> tuple[Run, bool]:
        """Give the run's credits back and mark it failed.

        Parameters
        ----------
        run
            The run.
        failure
            Why it failed.
        now
            The time.
        only_unchanged
            Whether the run must still be as it was read: of the same status, and not begun anew.

        Returns
        -------
        tuple of Run and bool
            The run as it is now, and whether this call did it; a run that was settled meanwhile
            stays as it is.

        Raises
        ------
        AccountBusyError, TemporarilyUnavailableError
            If nothing could be changed.
        """
        members = {
            "status": str(RunStatus.FAILED),
            "finished_at": rfc3339(now),
            "error_code": failure.code,
            "error_message": failure.message,
        }
        update = transition(
            self._table_name, run.id, members, unchanged=run if only_unchanged else None
        )
        try:
            self._debits.give_back(
                run.order.user_id,
                entry_no=run.debit_entry_no,
                run_id=run.id,
                now=now,
                correlation_id=run.order.correlation_id,
                companion=lambda _: {"Update": update},
            )
        except CompanionRefusedError as error:
            return _refused(error), False
        return replace(run, status=RunStatus.FAILED, failure=failure, finished_at=now), True


def _stored_for(order: RunOrder, run: Run) -> Run:
    """Return a run that another call stored for this order; any other one is in the way."""
    stored = run.order
    same = (order.fingerprint, order.correlation_id, rfc3339(order.created_at))
    if (stored.fingerprint, stored.correlation_id, rfc3339(stored.created_at)) != same:
        raise RunExistsError(run)
    return run


def _refused(error: CompanionRefusedError) -> Run:
    if error.item is None:
        raise error
    return run_of(error.item)
