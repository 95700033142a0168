"""Setting credits aside for a refund, and giving them back when it is not made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from billing.adapters.ledger_store import CompanionRefusedError, LedgerStore
from billing.adapters.omise_charges import OmiseCharges
from billing.adapters.purchase_store import PurchaseStore, changed
from billing.domain.account import Account
from billing.domain.charge import Charge
from billing.domain.entry import Entry, EntryType
from billing.domain.ledger import HoldError
from billing.domain.operator_refund import (
    RefundOrder,
    RefundRefusedError,
    planned,
    released,
    reserved,
    verify_refundable_method,
)
from billing.domain.purchase import Purchase
from billing.domain.purchase_parts import Refund, RefundState, Source
from billing.refund.outcomes import RefundOutcome, standing
from billing.settlement import Settlement
from kernel.errors import TemporarilyUnavailableError

Decide = Callable[[Account], Sequence[Entry]]
Change = Callable[[Sequence[Entry]], Purchase]


class Reserving:
    """The steps `reserve` and `release`.

    Parameters
    ----------
    ledger
        Where credits are set aside.
    purchases
        Where purchases are.
    charges
        The charges at Omise.
    settlement
        Brings the purchase to where its charge is before anything is planned on it.
    """

    def __init__(
        self,
        ledger: LedgerStore,
        purchases: PurchaseStore,
        charges: OmiseCharges,
        settlement: Settlement,
    ) -> None:
        self._ledger = ledger
        self._purchases = purchases
        self._charges = charges
        self._settlement = settlement

    def reserve(self, order: RefundOrder, now: datetime) -> RefundOutcome:
        """Set the credits aside and note the refund on the purchase, in one transaction.

        Raises
        ------
        RefundRefusedError
            If the refund must not be made; nothing was changed.
        TemporarilyUnavailableError, PurchaseChangedError, AccountBusyError
            Run it again.
        """
        purchase = self._purchases.get(order.purchase_id)
        if purchase is None:
            raise RefundRefusedError("purchase_not_found")
        known = purchase.refund(order.request_id)
        if known is not None:
            return standing(known)
        verify_refundable_method(purchase)
        purchase, charge = self._as_charged(purchase, now)
        refund = planned(purchase, charge, order, now)

        def with_reservation(made: Sequence[Entry]) -> Purchase:
            credits = sum(-entry.amount for entry in made if entry.type is EntryType.RESERVE)
            return purchase.with_refund(replace(refund, credits=credits), now)

        self._commit(
            purchase.user_id,
            lambda account: reserved(account, purchase, refund, force=order.force, now=now),
            with_reservation,
        )
        return RefundOutcome.RESERVED

    def release(self, purchase_id: str, request_id: str, now: datetime) -> RefundOutcome:
        """Give the credits back and note that the refund was refused, in one transaction.

        Raises
        ------
        TemporarilyUnavailableError, PurchaseChangedError, AccountBusyError
            Run it again.
        """
        purchase, refund = found(self._purchases, purchase_id, request_id)
        if not refund.is_open:
            return standing(refund)
        refused = replace(refund, state=RefundState.REFUSED, attempted_at=None)
        self._commit(
            purchase.user_id,
            lambda account: released(account, purchase, refund, now),
            lambda _: purchase.with_refund(refused, now),
        )
        return RefundOutcome.REFUSED

    def _as_charged(self, purchase: Purchase, now: datetime) -> tuple[Purchase, Charge]:
        if purchase.payment is None:
            raise RefundRefusedError("not_completed")
        charge = self._charges.get(purchase.payment.charge_id)
        settled = self._settlement.settle(
            purchase, charge, livemode=self._charges.livemode, source=Source.OPERATOR, now=now
        )
        return settled, charge

    def _commit(self, user_id: str, decide: Decide, change: Change) -> None:
        try:
            self._ledger.commit(
                user_id, decide, lambda made: [self._purchases.write_of(change(made))]
            )
        except CompanionRefusedError as refused:
            raise changed(refused.item) from None
        except HoldError as error:
            # The account was read after the purchase, and the hold came or went in between.
            raise TemporarilyUnavailableError("The purchase changed meanwhile.") from error


def found(purchases: PurchaseStore, purchase_id: str, request_id: str) -> tuple[Purchase, Refund]:
    """Read a purchase and the refund that was asked for.

    Raises
    ------
    LookupError
        If there is no such purchase or refund; a defect, for it was reserved before.
    """
    purchase = purchases.get(purchase_id)
    refund = purchase.refund(request_id) if purchase else None
    if purchase is None or refund is None:
        raise LookupError(f"{purchase_id} has no refund {request_id}")
    return purchase, refund
