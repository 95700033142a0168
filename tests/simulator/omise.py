"""An Omise account in memory, at the other end of the wire."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from billing.domain.charge import Charge, ChargeOrder
from tests.simulator.wire import Call, Wire
from tests.unit.billing.purchases.world import FakeOmise


class WiredOmise(FakeOmise):
    """The account that purchases' own tests use, for many purchases, and with calls that fail."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    def create(self, order: ChargeOrder) -> Charge:
        """Make a charge."""
        make = super().create
        made: Charge = self._wire.carry(Call("omise", "create", {}, lambda: make(order)))
        return made

    def get(self, charge_id: str) -> Charge:
        """Fetch a charge."""
        fetch = super().get
        charge: Charge = self._wire.carry(Call("omise", "get", {}, lambda: fetch(charge_id)))
        return charge

    def find(self, purchase_id: str, since: datetime, until: datetime) -> list[Charge]:
        """List a purchase's charges."""
        look = super().find
        found: list[Charge] = self._wire.carry(
            Call("omise", "find", {}, lambda: look(purchase_id, since, until))
        )
        return found

    def expire(self, charge_id: str) -> None:
        """Expire a pending charge."""
        end = super().expire
        self._wire.carry(Call("omise", "expire", {}, lambda: end(charge_id)))

    def refund(self, charge_id: str, amount: int, purchase_id: str) -> None:
        """Give money back, never more than there is."""
        self._wire.carry(
            Call("omise", "refund", {}, lambda: self._refunded(charge_id, amount, purchase_id))
        )

    def of_purchase(self, purchase_id: str) -> list[Charge]:
        """Return a purchase's charges, as the account's owner sees them."""
        return [c for c in self.charges.values() if c.metadata["purchase_id"] == purchase_id]

    def _refunded(self, charge_id: str, amount: int, purchase_id: str) -> None:
        charge = self.charges[charge_id]
        assert charge.metadata["purchase_id"] == purchase_id
        assert charge.refunded_amount + amount <= charge.amount
        self.charges[charge_id] = replace(charge, refunded_amount=charge.refunded_amount + amount)
