"""Settling a purchase: carries out what the domain decides about a fetched charge.

Used by every caller that has a charge from Omise in its hands. Completing is one transaction: the
ledger's entries and the purchase, which nobody may have changed since it was read. That is what
credits a payment exactly once, however often and from wherever it is reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from datetime import datetime
from typing import Final

from billing.adapters.ledger_store import AccountBusyError, CompanionRefusedError, LedgerStore
from billing.adapters.purchase_store import PurchaseChangedError, PurchaseStore, changed
from billing.domain.account import Account
from billing.domain.charge import Charge
from billing.domain.commands import CreditPurchase
from billing.domain.entry import Cause, Entry, EntryType
from billing.domain.ledger import execute
from billing.domain.purchase import Purchase
from billing.domain.purchase_parts import Source
from billing.domain.purchase_settlement import Decision, Outcome, decide
from kernel.errors import TemporarilyUnavailableError
from kernel.observability import count, logger

_MAX_ROUNDS: Final = 4
_ACCOUNT_SECONDS: Final = 12.0
_GRANTING: Final = frozenset({EntryType.PURCHASE, EntryType.BONUS})
_background: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="account")


class Settlement:
    """Completes, fails and expires purchases.

    Parameters
    ----------
    ledger
        Where credits arrive.
    purchases
        Where purchases are.
    """

    def __init__(self, ledger: LedgerStore, purchases: PurchaseStore) -> None:
        self._ledger = ledger
        self._purchases = purchases

    def account_of(self, user_id: str) -> Future[Account]:
        """Begin to read an account while something else is waited for.

        Settling then needs one more round trip only.
        """
        return _background.submit(self._ledger.account, user_id)

    def settle(
        self,
        purchase: Purchase,
        charge: Charge,
        *,
        livemode: bool,
        source: Source,
        now: datetime,
        account: Future[Account] | None = None,
    ) -> Purchase:
        """Bring a purchase to where its charge says it belongs.

        Returns the purchase as it is stored then; unchanged where the charge says nothing new.

        Parameters
        ----------
        charge
            Fetched from Omise; never what somebody says it is.
        livemode
            Whether this deployment takes real money.
        account
            The buyer's account, if its reading has begun.

        Raises
        ------
        ChargeMismatchError
            If the charge is not this purchase's.
        TemporarilyUnavailableError
            If it cannot be stored now; nothing was changed.
        """
        for _ in range(_MAX_ROUNDS):
            decision = decide(purchase, charge, livemode=livemode, source=source, now=now)
            try:
                return self._carried_out(decision, charge, now, account)
            except PurchaseChangedError as change:
                purchase, account = change.current, None
            except AccountBusyError as busy:
                raise TemporarilyUnavailableError(busy.detail) from busy
        raise TemporarilyUnavailableError("The purchase is being changed. Try again.")

    def _carried_out(
        self, decision: Decision, charge: Charge, now: datetime, account: Future[Account] | None
    ) -> Purchase:
        purchase = decision.purchase
        if decision.outcome is Outcome.COMPLETE:
            return self._complete(purchase, now, account)
        if decision.outcome is Outcome.PAID_TWICE:
            _raise_alarm_about(purchase, charge)
        if decision.outcome in {Outcome.NOTHING, Outcome.PAID_TWICE}:
            return purchase
        return self._purchases.save(purchase)

    def _complete(
        self, purchase: Purchase, now: datetime, account: Future[Account] | None
    ) -> Purchase:
        command = _command(purchase)
        read = _result_of(account) if account else None
        try:
            entries = self._ledger.commit(
                purchase.user_id,
                lambda current: execute(current, command, now),
                lambda made: [self._purchases.write_of(purchase.with_grants(_grant_nos(made)))],
                read,
            )
        except CompanionRefusedError as refused:
            raise changed(refused.item) from None
        _report(purchase, entries)
        return purchase.with_grants(_grant_nos(entries))


def _result_of(reading: Future[Account]) -> Account:
    try:
        return reading.result(_ACCOUNT_SECONDS)
    except FutureTimeoutError as error:
        raise TemporarilyUnavailableError("The account cannot be read. Try again.") from error


def _command(purchase: Purchase) -> CreditPurchase:
    return CreditPurchase(
        purchase.package.credits,
        purchase.package.bonus_credits,
        purchase.credits_expire_at(),
        Cause("purchase", purchase.id, purchase.correlation_id),
    )


def _grant_nos(entries: Sequence[Entry]) -> tuple[int, ...]:
    return tuple(entry.entry_no for entry in entries if entry.type in _GRANTING)


def _report(purchase: Purchase, entries: Sequence[Entry]) -> None:
    sold = purchase.package.credits + purchase.package.bonus_credits
    count("CreditsSold", sold)
    logger.info(
        "purchase completed",
        extra={
            "purchase_id": purchase.id,
            "user_id": purchase.user_id,
            "charge_id": purchase.payment and purchase.payment.charge_id,
            "credits": sold,
            "entry_no": entries[-1].entry_no,
        },
    )


def _raise_alarm_about(purchase: Purchase, charge: Charge) -> None:
    """Report money that belongs to nothing: somebody has to give it back."""
    count("PurchaseStuck")
    logger.error("purchase paid twice", extra={"purchase_id": purchase.id, "charge_id": charge.id})
