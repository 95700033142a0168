"""What operators can look at."""

from __future__ import annotations

from collections.abc import Mapping

from billing.adapters.ledger_store import LedgerStore
from billing.adapters.purchase_store import PurchaseStore
from billing.domain.purchase import PurchaseNotFoundError
from billing.operations.adjusting import Adjusting
from billing.operations.documents import adjustment_document, purchase_record
from billing.operator_requests import LedgerQuery, OfAdjustment, OfPurchase, OfUser
from billing.representation import account_document, entry_document
from kernel.operators.operations import Call, Look, Seen
from kernel.pagination import DEFAULT_LIMIT, Page


class Looks:
    """Reads accounts, ledgers, purchases and adjustments.

    Parameters
    ----------
    ledger, purchases, adjusting
        Where they are.
    """

    def __init__(self, ledger: LedgerStore, purchases: PurchaseStore, adjusting: Adjusting) -> None:
        self._ledger = ledger
        self._purchases = purchases
        self._adjusting = adjusting

    def operations(self) -> Mapping[str, Look]:
        """Name them."""
        return {
            "show_account": Look(self.account),
            "show_ledger": Look(self.ledger),
            "show_purchases": Look(self.purchases),
            "show_purchase": Look(self.purchase),
            "show_adjustment": Look(self.adjustment),
        }

    def account(self, call: Call) -> Seen:
        """Show an account."""
        user_id = call.read(OfUser).user_id
        account = self._ledger.account(user_id)
        numbers = [grant.entry_no for grant in account.grants]
        origins = self._ledger.entries_by_number(user_id, numbers)
        return Seen(user_id, {**account_document(account, origins, call.at)})

    def ledger(self, call: Call) -> Seen:
        """Show a part of a ledger, newest first."""
        asked = call.read(LedgerQuery)
        found = self._ledger.entries(asked.user_id, before=asked.before, limit=asked.limit)
        entries = [{**entry_document(entry), "reason": entry.cause.reason} for entry in found]
        below = found[-1].entry_no if found and found[-1].entry_no > 1 else None
        return Seen(asked.user_id, {"entries": entries, "before": below})

    def purchases(self, call: Call) -> Seen:
        """Show a user's newest purchases."""
        user_id = call.read(OfUser).user_id
        page = self._purchases.list_by_user(user_id, Page(DEFAULT_LIMIT, None))
        return Seen(user_id, {"purchases": [purchase_record(one) for one in page.purchases]})

    def purchase(self, call: Call) -> Seen:
        """Show a purchase.

        Raises
        ------
        PurchaseNotFoundError
            If there is none.
        """
        found = self._purchases.get(call.read(OfPurchase).purchase_id)
        if found is None:
            raise PurchaseNotFoundError
        return Seen(found.id, purchase_record(found))

    def adjustment(self, call: Call) -> Seen:
        """Show an adjustment."""
        found = self._adjusting.get(call.read(OfAdjustment).adjustment_id)
        return Seen(found.id, adjustment_document(found))
