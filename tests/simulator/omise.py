"""An Omise account in memory, at the other end of the wire."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from billing.adapters.omise_errors import OmiseRefusalError
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

    def refund(
        self, charge_id: str, amount: int, purchase_id: str, request_id: str | None = None
    ) -> None:
        """Give money back, never more than there is."""
        self._wire.carry(
            Call(
                "omise",
                "refund",
                {},
                lambda: self._refunded(charge_id, amount, purchase_id, request_id),
            )
        )

    def refund_requests(self, charge_id: str) -> frozenset[str]:
        """List the request ids of a charge's refunds."""
        look = super().refund_requests
        found: frozenset[str] = self._wire.carry(
            Call("omise", "refund_requests", {}, lambda: look(charge_id))
        )
        return found

    def pay_back(self, charge_id: str, amount: int) -> None:
        """Let somebody refund in Omise's dashboard, up to what is left."""
        charge = self.charges[charge_id]
        refunded = min(charge.amount, charge.refunded_amount + amount)
        self.charges[charge_id] = replace(charge, refunded_amount=refunded)

    def of_purchase(self, purchase_id: str) -> list[Charge]:
        """Return a purchase's charges, as the account's owner sees them."""
        return [c for c in self.charges.values() if c.metadata["purchase_id"] == purchase_id]

    def _refunded(
        self, charge_id: str, amount: int, purchase_id: str, request_id: str | None
    ) -> None:
        charge = self.charges[charge_id]
        assert charge.metadata["purchase_id"] == purchase_id
        if charge.refunded_amount + amount > charge.amount:
            raise OmiseRefusalError(422, "failed_refund", "amount is greater than refundable")
        requests = {request_id} if request_id else set()
        self.charges[charge_id] = replace(
            charge,
            refunded_amount=charge.refunded_amount + amount,
            refund_requests=charge.refund_requests | requests,
        )
