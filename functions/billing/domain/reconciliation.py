"""What two books may differ in: Omise's charges, and our purchases.

Pure comparison; whoever finds a difference reports it, and heals it where settling can.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from billing.domain.charge import Charge, ChargeStatus
from billing.domain.purchase import Purchase
from billing.domain.purchase_parts import Source
from billing.domain.purchase_settlement import ChargeMismatchError, Outcome, decide

# A saga asks for a charge until three days after its end, and raises its alarm then.
_PENDING_AT_MOST: Final = timedelta(days=5)
_REFUNDING_AT_MOST: Final = timedelta(days=1)


class DifferenceKind(StrEnum):
    """The kinds of differences; the first three are healed by settling."""

    PAID_NOT_CREDITED = "paid_not_credited"
    END_NOT_RECORDED = "end_not_recorded"
    RETURN_NOT_RECORDED = "return_not_recorded"
    PAID_WITHOUT_PURCHASE = "paid_without_purchase"
    PAID_TWICE = "paid_twice"
    SECOND_CHARGE_PAYABLE = "second_charge_payable"
    CHARGE_DIFFERS = "charge_differs"
    RETURNED_LESS = "returned_less"
    CREDITED_WITHOUT_PAYMENT = "credited_without_payment"
    STILL_PENDING = "still_pending"
    REFUND_STILL_OPEN = "refund_still_open"

    @property
    def is_healed_by_settling(self) -> bool:
        """Tell whether settling the charge brings both books together."""
        return self in _HEALED


_HEALED: Final = frozenset(
    {
        DifferenceKind.PAID_NOT_CREDITED,
        DifferenceKind.END_NOT_RECORDED,
        DifferenceKind.RETURN_NOT_RECORDED,
    }
)
_KINDS: Final = {
    Outcome.COMPLETE: DifferenceKind.PAID_NOT_CREDITED,
    Outcome.FAIL: DifferenceKind.END_NOT_RECORDED,
    Outcome.EXPIRE: DifferenceKind.END_NOT_RECORDED,
    Outcome.CATCH_UP: DifferenceKind.RETURN_NOT_RECORDED,
    Outcome.PAID_TWICE: DifferenceKind.PAID_TWICE,
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference; `detail` is a short sentence for a person."""

    kind: DifferenceKind
    charge_id: str | None
    purchase_id: str | None
    detail: str
    is_healed: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What comparing needs to know.

    `grace` is how long webhook and saga may take by themselves before it counts as a difference.
    """

    livemode: bool
    grace: timedelta
    now: datetime


def compared(charge: Charge, purchase: Purchase | None, terms: Terms) -> Difference | None:
    """Compare a charge that names a purchase with that purchase.

    Parameters
    ----------
    charge
        Fetched from Omise.
    purchase
        What the charge names; None if there is none.
    terms
        The deployment's mode, and the time.
    """
    if purchase is None:
        return _of_no_purchase(charge)
    try:
        decision = decide(
            purchase, charge, livemode=terms.livemode, source=Source.RECONCILER, now=terms.now
        )
    except ChargeMismatchError as mismatch:
        return _of_another_charge(charge, purchase, mismatch.reason)
    kind = _KINDS.get(decision.outcome)
    if kind is None:
        return _of_settled(charge, purchase)
    if _is_under_way(decision.outcome, charge, purchase, terms):
        return None
    return Difference(kind, charge.id, purchase.id, _story(charge, purchase))


def unpaid(purchase: Purchase, charge: Charge | None) -> Difference | None:
    """Compare a credited purchase with the charge that is said to have paid it."""
    if charge is not None and charge.is_paid:
        return None
    found = "Omise does not know it" if charge is None else f"it is {charge.status}"
    charge_id = purchase.payment.charge_id if purchase.payment else None
    return Difference(
        DifferenceKind.CREDITED_WITHOUT_PAYMENT,
        charge_id,
        purchase.id,
        f"{purchase.total_credits} credits were given for a charge, and {found}.",
    )


def unreadable(charge_id: str | None, purchase_id: str | None) -> Difference:
    """Report a charge that cannot be compared with its purchase, so that somebody looks at both."""
    detail = "Omise's answer about the charge is not as documented."
    return Difference(DifferenceKind.CHARGE_DIFFERS, charge_id, purchase_id, detail)


def overdue(purchase: Purchase, now: datetime) -> Difference | None:
    """Find a purchase, or its refund, that should have ended long ago."""
    charge_id = purchase.payment.charge_id if purchase.payment else None
    if purchase.is_pending and now >= purchase.created_at + _PENDING_AT_MOST:
        detail = "Nothing final is known after five days."
        return Difference(DifferenceKind.STILL_PENDING, charge_id, purchase.id, detail)
    refund = purchase.open_refund
    if refund is not None and now >= refund.requested_at + _REFUNDING_AT_MOST:
        detail = f"The refund {refund.request_id} still holds {refund.credits} credits."
        return Difference(DifferenceKind.REFUND_STILL_OPEN, charge_id, purchase.id, detail)
    return None


def _of_no_purchase(charge: Charge) -> Difference | None:
    """Report money that bought nothing; a charge without money is nobody's loss."""
    if not charge.is_paid or charge.is_returned:
        return None
    detail = f"{charge.amount} satang were paid for a purchase that is not there."
    kind = DifferenceKind.PAID_WITHOUT_PURCHASE
    return Difference(kind, charge.id, charge.purchase_id, detail)


def _of_another_charge(charge: Charge, purchase: Purchase, reason: str) -> Difference | None:
    if not charge.is_paid or charge.is_returned:
        return None
    detail = f"The {reason} of the charge is not the purchase's."
    return Difference(DifferenceKind.CHARGE_DIFFERS, charge.id, purchase.id, detail)


def _of_settled(charge: Charge, purchase: Purchase) -> Difference | None:
    """Compare what settling has nothing to say about."""
    is_current = purchase.payment is not None and purchase.payment.charge_id == charge.id
    if is_current and purchase.refunded_amount > charge.refunded_amount:
        detail = f"{purchase.refunded_amount} satang are recorded as refunded, at Omise "
        detail += f"{charge.refunded_amount} are."
        return Difference(DifferenceKind.RETURNED_LESS, charge.id, purchase.id, detail)
    if not is_current and purchase.payment and charge.status is ChargeStatus.PENDING:
        detail = f"It can be paid beside {purchase.payment.charge_id}."
        kind = DifferenceKind.SECOND_CHARGE_PAYABLE
        return Difference(kind, charge.id, purchase.id, detail)
    return None


def _is_under_way(outcome: Outcome, charge: Charge, purchase: Purchase, terms: Terms) -> bool:
    """Tell whether webhook and saga may still do it by themselves."""
    expired_at = purchase.payment.expires_at if purchase.payment else None
    since = {
        Outcome.COMPLETE: charge.paid_at,
        Outcome.EXPIRE: expired_at,
    }.get(outcome)
    return since is not None and terms.now < since + terms.grace


def _story(charge: Charge, purchase: Purchase) -> str:
    returned = f", {charge.refunded_amount} satang refunded" if charge.refunded_amount else ""
    disputed = f", dispute {charge.dispute.status}" if charge.dispute else ""
    return f"The charge is {charge.status}{returned}{disputed}; the purchase is {purchase.status}."
