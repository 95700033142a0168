"""Waiting for a payment: told by the webhook, or found out by looking."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from billing.adapters.omise_charges import OmiseCharges
from billing.adapters.omise_errors import OmiseRefusalError
from billing.adapters.purchase_store import PurchaseStore
from billing.domain.charge import Charge, ChargeStatus
from billing.domain.purchase import Purchase, PurchaseNotFoundError
from billing.domain.purchase_parts import Payment, Source
from billing.domain.step_outcome import StepOutcome, end_of
from billing.settlement import Settlement
from kernel.observability import logger

# How long after its end a charge may stay pending at Omise before somebody has to look at it.
PATIENCE: Final = timedelta(days=3)


class PaymentUnresolvedError(Exception):
    """Omise still calls a charge pending, long after it should have ended."""


class Awaiting:
    """The steps `await_payment` and `reconcile`.

    Parameters
    ----------
    purchases
        Where purchases are.
    charges
        The charges at Omise.
    settlement
        Settles what is found.
    signal
        Answers a task token with an outcome.
    """

    def __init__(
        self,
        purchases: PurchaseStore,
        charges: OmiseCharges,
        settlement: Settlement,
        signal: Callable[[str, str], None],
    ) -> None:
        self._purchases = purchases
        self._charges = charges
        self._settlement = settlement
        self._signal = signal

    def await_payment(self, purchase_id: str, task_token: str) -> None:
        """Leave the token where the webhook finds it.

        The purchase is read after the token is stored: a webhook that came in between found no
        token to answer, so it is answered here.
        """
        self._purchases.put_task_token(purchase_id, task_token)
        purchase = _found(self._purchases.get(purchase_id))
        if not purchase.is_pending:
            self._signal(task_token, end_of(purchase))

    def reconcile(self, purchase_id: str, now: datetime) -> StepOutcome:
        """Fetch the charge and settle; expire it at Omise when its time is over.

        Raises
        ------
        ChargeMismatchError
            If the charge is not what was asked for.
        PaymentUnresolvedError
            If the charge is still pending three days after its end.
        TemporarilyUnavailableError
            If Omise or DynamoDB does not answer.
        """
        purchase = _found(self._purchases.get(purchase_id))
        if not purchase.is_pending:
            return end_of(purchase)
        payment = _payment(purchase)
        account = self._settlement.account_of(purchase.user_id)
        settled = self._settlement.settle(
            purchase,
            self._charge(payment, now),
            livemode=self._charges.livemode,
            source=Source.RECONCILER,
            now=now,
            account=account,
        )
        if not settled.is_pending:
            return end_of(settled)
        if now >= _end(payment) + PATIENCE:
            raise PaymentUnresolvedError(payment.charge_id)
        return StepOutcome.PENDING

    def _charge(self, payment: Payment, now: datetime) -> Charge:
        """Fetch a charge; one whose time is over is expired first, and then counts as fetched.

        A buyer may pay at the last second. What Omise says after the expiry decides.
        """
        charge = self._charges.get(payment.charge_id)
        if charge.status is not ChargeStatus.PENDING or now < _end(payment):
            return charge
        try:
            self._charges.expire(charge.id)
        except OmiseRefusalError as refusal:
            logger.info("charge not expired", extra={"charge_id": charge.id, "error": refusal.code})
        return self._charges.get(charge.id)


def _end(payment: Payment) -> datetime:
    if payment.expires_at is None:
        raise LookupError(f"{payment.charge_id} has no end")
    return payment.expires_at


def _payment(purchase: Purchase) -> Payment:
    if purchase.payment is None:
        raise LookupError(f"{purchase.id} has no charge to look at")
    return purchase.payment


def _found(purchase: Purchase | None) -> Purchase:
    if purchase is None:
        raise PurchaseNotFoundError
    return purchase
