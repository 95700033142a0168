"""Refunding exactly once at a provider that has no idempotency keys.

As with charges: the attempt is stored before Omise is asked, and the refund's metadata names the
request. When no answer comes, the refund is looked for, several times; only when it certainly does
not exist, Omise is asked again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from billing.adapters.omise_charges import OmiseCharges
from billing.adapters.omise_errors import OmiseRefusalError, OmiseUnavailableError
from billing.adapters.purchase_store import PurchaseStore
from billing.domain.operator_refund import RefundRefusedError
from billing.domain.purchase import Purchase
from billing.domain.purchase_parts import Payment, Refund, Source
from billing.refund.outcomes import RefundOutcome, standing
from billing.refund.reserving import found
from billing.settlement import Settlement
from kernel.errors import TemporarilyUnavailableError
from kernel.observability import logger

LOOKS: Final = 3
MAX_ATTEMPTS: Final = 3
UNAVAILABLE: Final = "provider_unavailable"


class Refunding:
    """The steps `refund`, `find_refund` and `capture`.

    Parameters
    ----------
    purchases
        Where purchases are.
    charges
        The charges at Omise.
    settlement
        Takes the credits, of what was set aside for them first.
    """

    def __init__(
        self, purchases: PurchaseStore, charges: OmiseCharges, settlement: Settlement
    ) -> None:
        self._purchases = purchases
        self._charges = charges
        self._settlement = settlement

    def refund(self, purchase_id: str, request_id: str, now: datetime) -> RefundOutcome:
        """Ask Omise for the refund, unless it was or may have been asked for.

        Raises
        ------
        TemporarilyUnavailableError
            If Omise certainly did nothing: run it again.
        PurchaseChangedError
            If the purchase changed meanwhile: run it again.
        RefundRefusedError
            If all attempts are used up: `provider_unavailable`.
        """
        purchase, refund = found(self._purchases, purchase_id, request_id)
        if not refund.is_open:
            return standing(refund)
        if refund.attempted_at is not None:
            return RefundOutcome.UNKNOWN
        if refund.attempts >= MAX_ATTEMPTS:
            raise RefundRefusedError(UNAVAILABLE)
        started = replace(refund, attempts=refund.attempts + 1, attempted_at=now)
        return self._attempt(self._save(purchase, started, now), started, now)

    def find_refund(
        self, purchase_id: str, request_id: str, look: int, now: datetime
    ) -> RefundOutcome:
        """Look for the refund of an attempt whose answer got lost.

        Parameters
        ----------
        purchase_id, request_id
            Which refund.
        look
            Which look this is, from 1; the last of them makes absence certain.
        now
            The time.

        Raises
        ------
        TemporarilyUnavailableError
            If Omise does not answer: an unanswered look proves nothing.
        """
        purchase, refund = found(self._purchases, purchase_id, request_id)
        if not refund.is_open:
            return standing(refund)
        if refund.attempted_at is None:
            return RefundOutcome.RETRY
        if request_id in self._charges.refund_requests(_payment(purchase).charge_id):
            return RefundOutcome.REFUNDED
        if look < LOOKS:
            return RefundOutcome.ABSENT
        self._save(purchase, replace(refund, attempted_at=None), now)
        return RefundOutcome.RETRY

    def capture(self, purchase_id: str, request_id: str, now: datetime) -> RefundOutcome:
        """Use up the credits that were set aside; the webhook may have done it by now.

        Raises
        ------
        TemporarilyUnavailableError
            If the charge does not show the refund yet, or something does not answer.
        """
        purchase, refund = found(self._purchases, purchase_id, request_id)
        if not refund.is_open:
            return standing(refund)
        charge = self._charges.get(_payment(purchase).charge_id)
        requests = self._charges.refund_requests(charge.id)
        settled = self._settlement.settle(
            purchase,
            # A charge shows the first few of its refunds only; the list has all of them.
            replace(charge, refund_requests=charge.refund_requests | requests),
            livemode=self._charges.livemode,
            source=Source.OPERATOR,
            now=now,
        )
        if settled.open_refund is not None:
            raise TemporarilyUnavailableError("The refund does not show yet. Try again.")
        return RefundOutcome.CAPTURED

    def _attempt(self, purchase: Purchase, refund: Refund, now: datetime) -> RefundOutcome:
        charge_id = _payment(purchase).charge_id
        try:
            self._charges.refund(charge_id, refund.amount, purchase.id, refund.request_id)
        except OmiseUnavailableError as error:
            return self._without_answer(purchase, refund, error, now)
        except OmiseRefusalError as refusal:
            logger.warning("refund refused", extra={"code": refusal.code, "charge_id": charge_id})
            # Too late for what an earlier attempt may have done after all? Then it is found.
            return RefundOutcome.REFUSED if refund.attempts == 1 else RefundOutcome.UNKNOWN
        return RefundOutcome.REFUNDED

    def _without_answer(
        self, purchase: Purchase, refund: Refund, error: OmiseUnavailableError, now: datetime
    ) -> RefundOutcome:
        logger.warning("refund unknown", extra={"purchase_id": purchase.id, "error": error.what})
        if error.may_have_happened:
            return RefundOutcome.UNKNOWN
        self._save(purchase, replace(refund, attempted_at=None), now)
        raise TemporarilyUnavailableError(error.detail) from error

    def _save(self, purchase: Purchase, refund: Refund, now: datetime) -> Purchase:
        return self._purchases.save(purchase.with_refund(refund, now))


def _payment(purchase: Purchase) -> Payment:
    if purchase.payment is None:
        raise LookupError(f"{purchase.id} has no charge")
    return purchase.payment
