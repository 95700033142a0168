"""Starts lost purchase sagas again. It moves no money and no credits: the saga's steps do.

Every step of the purchase saga begins by looking at where the purchase stands, so a further
execution goes on where the lost one was. The names of executions are the record of how many there
were; each starts one at the most, so two sweepers at once start one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, Protocol

from billing.domain.purchase import Purchase
from kernel.errors import TemporarilyUnavailableError
from kernel.executions import Execution, execution_name
from kernel.observability import count, logger

MAX_EXECUTIONS: Final = 20
# How an execution ends that called for a person: another would call again, and change nothing.
_NEEDS_A_PERSON: Final = "PurchaseStuck"


class Purchases(Protocol):
    """Where purchases are read."""

    def get(self, purchase_id: str) -> Purchase | None:
        """Read a purchase as it is now."""


class Saga(Protocol):
    """The purchase state machine."""

    def start(self, name: str, given: dict[str, str]) -> bool:
        """Start an execution; return False if one of this name was started before."""

    def execution(self, name: str) -> Execution | None:
        """Look at an execution; None if there is none of this name."""


class Restarting:
    """Starts the sagas of pending purchases that have none which runs.

    Parameters
    ----------
    purchases
        Where purchases are.
    saga
        The purchase state machine.
    patience
        How long the table's stream may take to start the first execution.
    """

    def __init__(self, purchases: Purchases, saga: Saga, patience: timedelta) -> None:
        self._purchases = purchases
        self._saga = saga
        self._patience = patience

    def restart(self, purchase_ids: Iterable[str], now: datetime) -> int:
        """Look at some purchases, and return how many sagas were started.

        One that cannot be looked at now is left to the next sweep.

        Raises
        ------
        ExceptionGroup
            Of the defects that purchases met, after all others were looked at.
        """
        started = 0
        defects: list[Exception] = []
        for purchase_id in purchase_ids:
            try:
                started += self._restart_if_lost(purchase_id, now)
            except TemporarilyUnavailableError:
                logger.warning("sweep postponed", extra={"purchase_id": purchase_id})
            except Exception as defect:  # noqa: BLE001  # a broken one must not hold up others
                logger.exception("sweep failed", extra={"purchase_id": purchase_id})
                defects.append(defect)
        if defects:
            raise ExceptionGroup("purchases that cannot be looked at", defects)
        return started

    def _restart_if_lost(self, purchase_id: str, now: datetime) -> bool:
        purchase = self._purchases.get(purchase_id)
        if purchase is None or not purchase.is_pending:
            return False
        latest: Execution | None = None
        for number in range(1, MAX_EXECUTIONS + 1):
            execution = self._saga.execution(execution_name(purchase_id, number))
            if execution is None:
                return self._is_lost(purchase, latest, now) and self._start(purchase, number)
            latest = execution
        if not (latest and latest.runs):
            logger.error("saga lost too often", extra={"purchase_id": purchase_id})
            count(_NEEDS_A_PERSON)
        return False

    def _is_lost(self, purchase: Purchase, latest: Execution | None, now: datetime) -> bool:
        if latest is None:
            return now - purchase.created_at >= self._patience
        return not latest.runs and latest.error != _NEEDS_A_PERSON

    def _start(self, purchase: Purchase, number: int) -> bool:
        given = {"purchase_id": purchase.id, "correlation_id": purchase.correlation_id}
        started = self._saga.start(execution_name(purchase.id, number), given)
        if started:
            logger.warning("saga restarted", extra={**given, "execution": number})
            count("PurchaseSagasRestarted")
        return started
