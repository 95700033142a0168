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
from kernel.observability import count, logger
from kernel.sagas.executions import Execution

MAX_EXECUTIONS: Final = 20
# How an execution ends that called for a person: another would call again, and change nothing.
_NEEDS_A_PERSON: Final = "PurchaseStuck"


class Purchases(Protocol):
    """Where purchases are read."""

    def get(self, purchase_id: str) -> Purchase | None:
        """Read a purchase as it is now."""


class Executions(Protocol):
    """The executions of the purchase state machine."""

    def start(self, purchase_id: str, /, correlation_id: str, number: int) -> bool:
        """Start a purchase's execution of this number; return False if it was started before."""

    def find(self, purchase_id: str, /, number: int) -> Execution | None:
        """Look at a purchase's execution; None if there is none of this number (yet)."""


class Restarting:
    """Starts the sagas of pending purchases that have none which runs.

    Parameters
    ----------
    purchases
        Where purchases are.
    executions
        The executions of the purchase state machine.
    patience
        How long the table's stream may take to start the first execution.
    """

    def __init__(self, purchases: Purchases, executions: Executions, patience: timedelta) -> None:
        self._purchases = purchases
        self._executions = executions
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
            execution = self._executions.find(purchase_id, number)
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
        started = self._executions.start(purchase.id, purchase.correlation_id, number)
        if started:
            logger.warning(
                "saga restarted",
                extra={
                    "purchase_id": purchase.id,
                    "correlation_id": purchase.correlation_id,
                    "execution": number,
                },
            )
            count("PurchaseSagasRestarted")
        return started
