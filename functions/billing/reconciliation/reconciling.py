"""Compares one part of the books, heals what settling heals, and says what it found."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from billing.adapters.omise_charges import PAGE_SIZE, OmiseCharges
from billing.adapters.omise_errors import OmiseRefusalError, UnreadableChargeError
from billing.adapters.purchase_store import PurchaseStore
from billing.domain.charge import Charge
from billing.domain.purchase import Purchase
from billing.domain.purchase_parts import Source
from billing.domain.reconciliation import (
    Difference,
    Terms,
    compared,
    overdue,
    unpaid,
    unreadable,
)
from billing.reconciliation.position import Phase, Position
from billing.settlement import Settlement
from kernel.ids import is_id
from kernel.observability import count, logger

KEYS_PER_SCAN: Final = 50
SCANS_PER_PART: Final = 10
# Each credited purchase costs a call to Omise: the last scan's have the rest of ten minutes.
LAST_SCAN_BEGINS_WITHIN_SECONDS: Final = 240.0


@dataclass(frozen=True, slots=True)
class Part:
    """What was looked at, what differed, and where to go on."""

    checked: int
    differences: tuple[Difference, ...]
    following: Position


class Reconciling:
    """Walks through charges, returned money and purchases, part by part.

    Parameters
    ----------
    purchases
        Where purchases are.
    charges
        The charges at Omise.
    settlement
        Heals.
    grace
        How long webhook and saga may take by themselves.
    monotonic
        Tells seconds that never go back.
    """

    def __init__(
        self,
        purchases: PurchaseStore,
        charges: OmiseCharges,
        settlement: Settlement,
        grace: timedelta,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._purchases = purchases
        self._charges = charges
        self._settlement = settlement
        self._grace = grace
        self._monotonic = monotonic

    def part(self, position: Position, now: datetime) -> Part:
        """Do the part of a position.

        Raises
        ------
        TemporarilyUnavailableError
            If Omise or DynamoDB does not answer: do the part again. What was healed stays so.
        """
        walks = {
            Phase.CHARGES: self._charge_part,
            Phase.RETURNS: self._return_part,
            Phase.PURCHASES: self._purchase_part,
        }
        return walks[position.phase](position, now)

    def _charge_part(self, position: Position, now: datetime) -> Part:
        """Compare a page of the charges that were created in the run's time."""
        page = self._charges.page(position.since, position.until, position.offset)
        differences = self._of_charges(page.charges, now) + _of_unreadable(page.unreadable)
        is_last = page.row_count < PAGE_SIZE
        return Part(page.row_count, differences, _after_page(position, is_last=is_last))

    def _return_part(self, position: Position, now: datetime) -> Part:
        """Compare the charges, however old, that had money returned in the run's time."""
        page = self._charges.returned_page(position.since, position.until, position.offset)
        charges: list[Charge] = []
        broken: list[UnreadableChargeError] = []
        for charge_id in page.charge_ids:
            try:
                charges += filter(None, [self._fetched(charge_id)])
            except UnreadableChargeError as error:
                broken.append(error)
        differences = self._of_charges(charges, now) + _of_unreadable(broken)
        is_last = page.event_count < PAGE_SIZE
        return Part(len(page.charge_ids), differences, _after_page(position, is_last=is_last))

    def _purchase_part(self, position: Position, now: datetime) -> Part:
        """Ask for the payment of the purchases that were opened in the run's time."""
        go_on_until = self._monotonic() + LAST_SCAN_BEGINS_WITHIN_SECONDS
        after, checked = position.after, 0
        differences: list[Difference] = []
        for _ in range(SCANS_PER_PART):
            page = self._purchases.opened_since(position.since, after, KEYS_PER_SCAN)
            found = list(filter(None, (self._of_purchase(p, now) for p in page.purchases)))
            _report(found)
            differences += found
            after, checked = page.position, checked + len(page.purchases)
            if after is None or self._monotonic() >= go_on_until:
                break
        following = position.further(after=after) if after else position.next_phase()
        return Part(checked, tuple(differences), following)

    def _of_charges(self, charges: Iterable[Charge], now: datetime) -> tuple[Difference, ...]:
        ours = {c.id: c for c in charges if c.purchase_id and is_id("pur", c.purchase_id)}
        named = {charge.purchase_id for charge in ours.values() if charge.purchase_id}
        purchases = {found.id: found for found in self._purchases.get_all(sorted(named))}
        found = [self._of_charge(charge, purchases, now) for charge in ours.values()]
        differences = tuple(difference for difference in found if difference is not None)
        _report(differences)
        return differences

    def _of_charge(
        self, charge: Charge, purchases: dict[str, Purchase], now: datetime
    ) -> Difference | None:
        """Compare a charge, and heal; what was healed is what its next charge is compared with."""
        purchase = purchases.get(charge.purchase_id or "")
        terms = Terms(self._charges.livemode, self._grace, now)
        difference = compared(charge, purchase, terms)
        if difference is None or purchase is None or not difference.kind.is_healed_by_settling:
            return difference
        purchases[purchase.id] = self._settlement.settle(
            purchase, charge, livemode=terms.livemode, source=Source.RECONCILER, now=now
        )
        return replace(difference, is_healed=True)

    def _of_purchase(self, purchase: Purchase, now: datetime) -> Difference | None:
        if purchase.is_credited and purchase.payment is not None:
            try:
                charge = self._fetched(purchase.payment.charge_id)
            except UnreadableChargeError:
                return unreadable(purchase.payment.charge_id, purchase.id)
            difference = unpaid(purchase, charge)
            if difference is not None:
                return difference
        return overdue(purchase, now)

    def _fetched(self, charge_id: str) -> Charge | None:
        try:
            return self._charges.get(charge_id)
        except OmiseRefusalError as refusal:
            if refusal.is_not_found:
                return None
            raise


def _of_unreadable(errors: Iterable[UnreadableChargeError]) -> tuple[Difference, ...]:
    """Report what nobody could compare, as far as it names a purchase of ours."""
    differences = tuple(
        unreadable(error.charge_id, error.purchase_id)
        for error in errors
        if error.purchase_id and is_id("pur", error.purchase_id)
    )
    _report(differences)
    return differences


def _after_page(position: Position, *, is_last: bool) -> Position:
    if is_last:
        return position.next_phase()
    return position.further(offset=position.offset + PAGE_SIZE)


def _report(differences: Iterable[Difference]) -> None:
    """Log and count at once: a part that fails later has healed what it has healed."""
    for difference in differences:
        count("ReconciliationDifferences")
        keys = {
            "kind": difference.kind,
            "charge_id": difference.charge_id,
            "purchase_id": difference.purchase_id,
            "healed": difference.is_healed,
        }
        logger.error("books differ", extra=keys)
