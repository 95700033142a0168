"""What is done when a saga cannot go on: never silently, and never with money kept for nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from billing.adapters.omise_charges import OmiseCharges
from billing.adapters.omise_errors import OmiseRefusalError
from billing.adapters.purchase_store import PurchaseStore
from billing.domain.charge import Charge, ChargeStatus
from billing.domain.purchase import Purchase
from billing.domain.purchase_parts import Failure, PaymentMethod, Source
from billing.domain.purchase_settlement import ChargeMismatchError
from billing.domain.step_outcome import StepOutcome, end_of
from billing.purchase_end import save_end
from billing.saga.charging import UNAVAILABLE
from billing.settlement import Settlement
from kernel.observability import count, logger

_NOT_ACCEPTED: Final = "payment_not_accepted"
GIVEN_BACK: Final = Failure(
    _NOT_ACCEPTED, "The payment could not be accepted. What was paid is given back."
)
BY_HAND: Final = Failure(
    _NOT_ACCEPTED, "The payment could not be accepted. Contact us if you have paid."
)


class Compensation:
    """The step `compensate`.

    Parameters
    ----------
    purchases
        Where purchases are.
    charges
        The charges at Omise.
    settlement
        Tried once more before anything is given back.
    """

    def __init__(
        self, purchases: PurchaseStore, charges: OmiseCharges, settlement: Settlement
    ) -> None:
        self._purchases = purchases
        self._charges = charges
        self._settlement = settlement

    def compensate(self, purchase_id: str, error: object, now: datetime) -> StepOutcome:
        """Raise the alarm, and bring the purchase to an end that is fair.

        A purchase without a charge fails. One with a charge is settled if that is possible now;
        only a charge that can never be settled, because it is not what was asked for, is given
        back. A charge that is simply not paid yet stays as it is: the webhook can still complete
        its purchase, and the alarm has been raised.

        Raises
        ------
        TemporarilyUnavailableError
            If Omise or DynamoDB does not answer: run it again.
        """
        logger.error("saga stuck", extra={"purchase_id": purchase_id, "error": error})
        count("PurchaseStuck")
        purchase = self._purchases.get(purchase_id)
        if purchase is None:
            return StepOutcome.STUCK
        if purchase.withdrawn_at is not None:
            return self._give_back(purchase)
        if not purchase.is_pending:
            return end_of(purchase)
        if purchase.payment is None:
            failed = purchase.failed(UNAVAILABLE, Source.SAGA, now)
            return end_of(save_end(self._purchases, failed))
        return self._settle_or_give_back(purchase, purchase.payment.charge_id, now)

    def _settle_or_give_back(
        self, purchase: Purchase, charge_id: str, now: datetime
    ) -> StepOutcome:
        charge = self._charges.get(charge_id)
        try:
            settled = self._settlement.settle(
                purchase, charge, livemode=self._charges.livemode, source=Source.SAGA, now=now
            )
        except ChargeMismatchError as mismatch:
            logger.error("charge mismatch", extra=_keys(purchase, charge, mismatch.reason))
            failure = GIVEN_BACK if purchase.payment_method is PaymentMethod.CARD else BY_HAND
            withdrawn = purchase.withdrawn(failure, now)
            return self._give_back(save_end(self._purchases, withdrawn))
        return StepOutcome.STUCK if settled.is_pending else end_of(settled)

    def _give_back(self, purchase: Purchase) -> StepOutcome:
        """Refund all of a charge whose purchase can never be completed any more.

        Omise refuses to refund more than was paid, so a repeated full refund refunds once.
        PromptPay cannot be refunded through Omise: the alarm calls for a person, and a charge that
        nobody has paid yet is made unpayable.
        """
        if purchase.payment is None:
            return StepOutcome.STUCK
        charge = self._unpayable(self._charges.get(purchase.payment.charge_id))
        if purchase.payment_method is not PaymentMethod.CARD:
            return StepOutcome.STUCK
        if charge.is_paid and not charge.is_returned:
            try:
                rest = charge.amount - charge.refunded_amount
                self._charges.refund(charge.id, rest, purchase.id)
            except OmiseRefusalError as refusal:
                logger.error("refund refused", extra=_keys(purchase, charge, refusal.code))
                return StepOutcome.STUCK
        return end_of(purchase)

    def _unpayable(self, charge: Charge) -> Charge:
        """Expire a charge that nobody has paid yet, and return it as it is then."""
        if charge.status is not ChargeStatus.PENDING:
            return charge
        try:
            self._charges.expire(charge.id)
        except OmiseRefusalError as refusal:  # paid meanwhile, or over by itself
            logger.info("charge not expired", extra={"charge_id": charge.id, "error": refusal.code})
        return self._charges.get(charge.id)


def _keys(purchase: Purchase, charge: Charge, reason: str) -> dict[str, str]:
    return {"purchase_id": purchase.id, "charge_id": charge.id, "reason": reason}
