"""Getting exactly one charge from a provider that has no idempotency keys.

The attempt is stored before Omise is asked, and the charge's metadata names purchase and attempt.
When no answer comes, the charge is looked for, several times; only when it certainly does not
exist, Omise is asked again. Killed anywhere in between, the next run of a step finds the open
attempt and looks, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from billing.adapters.omise_charges import OmiseCharges
from billing.adapters.omise_errors import OmiseRefusalError, OmiseUnavailableError
from billing.adapters.purchase_store import PurchaseStore
from billing.domain.charge import LATEST_EFFECT, Charge
from billing.domain.purchase import MAX_ATTEMPTS, Purchase, PurchaseNotFoundError
from billing.domain.purchase_parts import Failure, Source
from billing.domain.step_outcome import StepOutcome, end_of, standing
from billing.purchase_end import save_end
from billing.settlement import Settlement
from kernel.errors import TemporarilyUnavailableError
from kernel.observability import count, logger

LOOKS: Final = 3
UNAVAILABLE: Final = Failure("provider_unavailable", "The payment provider did not answer.")
# Omise's clock may differ from ours.
_CLOCK_SKEW: Final = timedelta(seconds=60)
_USED_TOKEN: Final = "used_token"  # noqa: S105  # Omise's error code


class Charging:
    """The steps `create_charge`, `find_charge` and `give_up`.

    Parameters
    ----------
    purchases
        Where purchases are.
    charges
        The charges at Omise.
    settlement
        Settles a charge that is paid, or has failed, at once.
    payment_window
        How long a buyer may take to pay.
    """

    def __init__(
        self,
        purchases: PurchaseStore,
        charges: OmiseCharges,
        settlement: Settlement,
        payment_window: timedelta,
    ) -> None:
        self._purchases = purchases
        self._charges = charges
        self._settlement = settlement
        self._payment_window = payment_window

    def create_charge(self, purchase_id: str, now: datetime) -> StepOutcome:
        """Ask Omise for a charge, unless there is or may be one.

        Raises
        ------
        TemporarilyUnavailableError
            If Omise certainly did nothing, or the purchase changed meanwhile: run it again, and
            `give_up` at last.
        """
        purchase = self._purchase(purchase_id)
        known = standing(purchase)
        if known is not None:
            return known
        if purchase.attempts >= MAX_ATTEMPTS:
            return self._give_up(purchase, now)
        return self._attempt(self._purchases.save(purchase.attempt_started(now)), now)

    def give_up(self, purchase_id: str, now: datetime) -> StepOutcome:
        """Fail a purchase for which Omise could not be asked; one that may have a charge goes on.

        Raises
        ------
        TemporarilyUnavailableError
            If the purchase cannot be stored now.
        """
        purchase = self._purchase(purchase_id)
        return standing(purchase) or self._give_up(purchase, now)

    def find_charge(self, purchase_id: str, look: int, now: datetime) -> StepOutcome:
        """Look for the charge of an attempt whose answer got lost.

        Parameters
        ----------
        purchase_id
            Whose charge.
        look
            Which look this is, from 1; the last of them makes absence certain.
        now
            The time.

        Raises
        ------
        TemporarilyUnavailableError
            If Omise does not answer: an unanswered look proves nothing.
        """
        purchase = self._purchase(purchase_id)
        if purchase.attempt_open_since is None:
            return standing(purchase) or StepOutcome.RETRY
        found = self._charges.find(
            purchase.id,
            purchase.created_at - _CLOCK_SKEW,
            purchase.attempt_open_since + LATEST_EFFECT + _CLOCK_SKEW,
        )
        if found:
            return self._record(purchase, _the_one(found), now)
        if look < LOOKS:
            return StepOutcome.ABSENT
        closed = self._purchases.save(purchase.attempt_closed(now))
        if closed.attempts < MAX_ATTEMPTS:
            return StepOutcome.RETRY
        return self._give_up(closed, now)

    def _attempt(self, purchase: Purchase, now: datetime) -> StepOutcome:
        try:
            charge = self._charges.create(purchase.order(self._pay_by(now)))
        except OmiseUnavailableError as error:
            return self._without_answer(purchase, error, now)
        except OmiseRefusalError as refusal:
            return self._refused(purchase, refusal, now)
        return self._record(purchase, charge, now)

    def _without_answer(
        self, purchase: Purchase, error: OmiseUnavailableError, now: datetime
    ) -> StepOutcome:
        logger.warning("charge unknown", extra={"purchase_id": purchase.id, "error": error.what})
        if error.may_have_happened:
            return StepOutcome.UNKNOWN
        self._purchases.save(purchase.attempt_undone(now))
        raise TemporarilyUnavailableError(error.detail) from error

    def _refused(
        self, purchase: Purchase, refusal: OmiseRefusalError, now: datetime
    ) -> StepOutcome:
        if refusal.code == _USED_TOKEN and purchase.attempts > 1:
            # Who used the token, if not an attempt of ours that made a charge after all?
            return StepOutcome.UNKNOWN
        failure = Failure(refusal.code, refusal.message)
        return end_of(save_end(self._purchases, purchase.failed(failure, Source.SAGA, now)))

    def _record(self, purchase: Purchase, charge: Charge, now: datetime) -> StepOutcome:
        started = purchase.attempt_open_since or now
        recorded = self._purchases.save(purchase.with_charge(charge, self._pay_by(started), now))
        settled = self._settlement.settle(
            recorded, charge, livemode=self._charges.livemode, source=Source.SAGA, now=now
        )
        return standing(settled) or StepOutcome.PENDING

    def _give_up(self, purchase: Purchase, now: datetime) -> StepOutcome:
        return end_of(save_end(self._purchases, purchase.failed(UNAVAILABLE, Source.SAGA, now)))

    def _purchase(self, purchase_id: str) -> Purchase:
        purchase = self._purchases.get(purchase_id)
        if purchase is None:
            raise PurchaseNotFoundError
        return purchase

    def _pay_by(self, started: datetime) -> datetime:
        return (started + self._payment_window).replace(microsecond=0)


def _the_one(found: Sequence[Charge]) -> Charge:
    """Choose the charge to go on with: there is one, unless something is badly wrong."""
    if len(found) > 1:
        count("PurchaseStuck")
        logger.error("several charges", extra={"charge_ids": [charge.id for charge in found]})
    return next((charge for charge in found if charge.is_paid), found[-1])
