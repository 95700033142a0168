"""Settling a purchase: carries out what the domain decides about a fetched charge.

Used by every caller that has a charge from Omise in its hands. Whatever moves credits is one
transaction: the ledger's entries and the purchase, which nobody may have changed since it was read.
That is what credits a payment, and takes back a refund, exactly once, however often and from
wherever it is reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from datetime import datetime
from typing import Final

from billing.adapters.ledger_store import AccountBusyError, CompanionRefusedError, LedgerStore
from billing.adapters.purchase_store import PurchaseChangedError, PurchaseStore, changed, stored
from billing.domain.account import Account
from billing.domain.charge import Charge
from billing.domain.entry import Entry
from billing.domain.ledger import HoldError
from billing.domain.purchase import Purchase
from billing.domain.purchase_entries import entries_of, grant_nos
from billing.domain.purchase_parts import Source
from billing.domain.purchase_settlement import Decision, Outcome, decide
from billing.purchase_end import report_end, save_end
from kernel.errors import TemporarilyUnavailableError
from kernel.observability import count, logger

_MAX_ROUNDS: Final = 4
_ACCOUNT_SECONDS: Final = 12.0
_background: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="account")


class Settlement:
    """Completes, fails and expires purchases, and takes back what refunds and disputes undo.

    Parameters
    ----------
    ledger
        Where credits arrive.
    purchases
        Where purchases are.
    executor
        Reads accounts beside other calls.
    """

    def __init__(
        self, ledger: LedgerStore, purchases: PurchaseStore, executor: Executor = _background
    ) -> None:
        self._ledger = ledger
        self._purchases = purchases
        self._executor = executor

    def account_of(self, user_id: str) -> Future[Account]:
        """Begin to read an account while something else is waited for.

        Settling then needs one more round trip only.
        """
        return self._executor.submit(self._ledger.account, user_id)

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
        if decision.outcome is Outcome.PAID_TWICE:
            _raise_alarm_about(decision.purchase, charge)
        if decision.outcome in {Outcome.NOTHING, Outcome.PAID_TWICE}:
            return decision.purchase
        if decision.outcome is Outcome.COMPLETE or decision.taking:
            return self._with_credits_moved(decision, now, account)
        if decision.outcome in {Outcome.FAIL, Outcome.EXPIRE}:
            return save_end(self._purchases, decision.purchase)
        return self._purchases.save(decision.purchase)

    def _with_credits_moved(
        self, decision: Decision, now: datetime, account: Future[Account] | None
    ) -> Purchase:
        read = _result_of(account) if account else None
        try:
            entries = self._ledger.commit(
                decision.purchase.user_id,
                lambda current: entries_of(decision, current, now),
                lambda made: [self._purchases.write_of(_with_grants(decision, made))],
                read,
            )
        except CompanionRefusedError as refused:
            raise changed(refused.item) from None
        except HoldError as error:
            raise self._changed_since(decision.purchase, error) from error
        _report(decision, entries)
        return stored(_with_grants(decision, entries))

    def _changed_since(self, decided_on: Purchase, error: HoldError) -> Exception:
        """Judge a hold that is gone from the account, though the purchase says that it is there.

        The account was read after the purchase: whoever ended the hold in between has changed the
        purchase in the same transaction, and it is decided again. Otherwise something is wrong.
        """
        current = self._purchases.get(decided_on.id)
        if current is None or current.version == decided_on.version:
            return error
        return PurchaseChangedError(current)


def _result_of(reading: Future[Account]) -> Account:
    try:
        return reading.result(_ACCOUNT_SECONDS)
    except FutureTimeoutError as error:
        raise TemporarilyUnavailableError("The account cannot be read. Try again.") from error


def _with_grants(decision: Decision, entries: Sequence[Entry]) -> Purchase:
    if decision.outcome is not Outcome.COMPLETE:
        return decision.purchase
    return decision.purchase.with_grants(grant_nos(entries))


def _report(decision: Decision, entries: Sequence[Entry]) -> None:
    keys = {
        "purchase_id": decision.purchase.id,
        "user_id": decision.purchase.user_id,
        "charge_id": decision.purchase.payment and decision.purchase.payment.charge_id,
        "entry_no": entries[-1].entry_no,
    }
    if decision.outcome is Outcome.COMPLETE:
        sold = decision.purchase.total_credits
        count("CreditsSold", sold)
        logger.info("credits sold", extra={**keys, "credits": sold})
        report_end(decision.purchase)
    if decision.taking.total:
        count("CreditsClawedBack", decision.taking.total)
        logger.info("credits taken back", extra={**keys, "credits": decision.taking.total})


def _raise_alarm_about(purchase: Purchase, charge: Charge) -> None:
    """Report money that belongs to nothing: somebody has to give it back."""
    count("PurchaseStuck")
    logger.error("purchase paid twice", extra={"purchase_id": purchase.id, "charge_id": charge.id})
