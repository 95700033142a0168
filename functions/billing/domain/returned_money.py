"""The one rule of what follows a payment: refunds and disputes take credits back.

It looks at totals only: how much of the money is back with the payer, and how many credits were
taken for it so far. What is still due is the difference, so notices may be repeated, lost or
reordered, and an operator's refund and the webhook that Omise sends about it cannot take twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Final

from billing.domain.charge import Charge, Dispute, DisputeStatus
from billing.domain.purchase import Purchase
from billing.domain.purchase_parts import PurchaseStatus, Refund, RefundState, Source, StatusChange


@dataclass(frozen=True, slots=True)
class Taking:
    """Credits that a purchase loses.

    `captured` of them were set aside under `hold_id`, whose rest is released; `clawed_back` are
    taken from the account, or become debt.
    """

    clawed_back: int = 0
    hold_id: str | None = None
    captured: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.clawed_back + self.captured

    def __bool__(self) -> bool:
        """Tell whether the ledger has anything to write."""
        return self.total > 0 or self.hold_id is not None


NOTHING_TAKEN: Final = Taking()


def credits_for(purchase: Purchase, returned_amount: int) -> int:
    """Say how many credits of a purchase are due once this much of its price is back.

    In proportion, bonus included, rounded down: a buyer never loses more than the share that was
    returned, and with the last satang goes the rest. Since it is a function of the sum, many
    small refunds take exactly what one large one takes.

    Parameters
    ----------
    purchase
        The purchase.
    returned_amount
        The sum of all refunds so far, in satang.
    """
    returned = min(returned_amount, purchase.package.amount)
    return purchase.total_credits * returned // purchase.package.amount


def caught_up(
    purchase: Purchase, charge: Charge, source: Source, now: datetime
) -> tuple[Purchase, Taking]:
    """Bring a credited purchase to where its charge says it belongs.

    Parameters
    ----------
    purchase
        A purchase that was credited by this very charge.
    charge
        Fetched from Omise; it may have been fetched before what the purchase knows already.
    source
        Who found out.
    now
        The time of the change.

    Returns
    -------
    tuple of Purchase and Taking
        The purchase as it is then to be stored, and what the ledger has to take with it; the same
        purchase and nothing where the charge says nothing new.
    """
    refunded = max(purchase.refunded_amount, charge.refunded_amount)
    dispute = _known_dispute(purchase, charge)
    path = _path(purchase, refunded, dispute)
    status = path[-1] if path else purchase.status
    is_all = status is PurchaseStatus.REFUNDED
    due = purchase.total_credits if is_all else credits_for(purchase, refunded)
    refund = _confirmed_refund(purchase, charge)
    taking = _taking(due - purchase.clawed_back, refund)
    known = replace(
        purchase,
        status=status,
        refunded_amount=refunded,
        dispute=dispute,
        clawed_back=purchase.clawed_back + taking.total,
        history=(*purchase.history, *(StatusChange(now, step, source) for step in path)),
    )
    if refund is not None:
        done = replace(refund, state=RefundState.REFUNDED, attempted_at=None)
        known = known.with_refund(done, now)
    changed = known != purchase
    return (replace(known, updated_at=now) if changed else purchase), taking


def _known_dispute(purchase: Purchase, charge: Charge) -> Dispute | None:
    """Choose the newer news of a dispute: one that was decided never opens again."""
    before, after = purchase.dispute, charge.dispute
    if after is None or (before and before.id == after.id and before.status.is_closed):
        return before
    return after


def _path(purchase: Purchase, refunded: int, dispute: Dispute | None) -> list[PurchaseStatus]:
    """Name the states that a purchase goes through from where it is; refunded is for good.

    A dispute that is decided by the time we hear of it leaves its trace in the history, too.
    """
    if purchase.status is PurchaseStatus.REFUNDED:
        return []
    path: list[PurchaseStatus] = [purchase.status]
    if dispute is not None and (purchase.dispute is None or purchase.dispute.id != dispute.id):
        path.append(PurchaseStatus.DISPUTED)
    path.append(_status(purchase, refunded, dispute))
    return [step for before, step in pairwise(path) if step is not before]


def _status(purchase: Purchase, refunded: int, dispute: Dispute | None) -> PurchaseStatus:
    if refunded >= purchase.package.amount:
        return PurchaseStatus.REFUNDED
    if dispute is None or dispute.status is DisputeStatus.WON:
        return PurchaseStatus.COMPLETED
    if dispute.status is DisputeStatus.LOST:
        return PurchaseStatus.REFUNDED
    return PurchaseStatus.DISPUTED


def _confirmed_refund(purchase: Purchase, charge: Charge) -> Refund | None:
    """Return the operator's open refund if the charge's refunds include it, and its amount.

    A charge and the list of its refunds are fetched one after the other: one that was fetched
    before the refund says nothing about the credits that were set aside for it.
    """
    refund = purchase.open_refund
    if refund is None or refund.request_id not in charge.refund_requests:
        return None
    before = sum(one.amount for one in purchase.refunds if one.state is RefundState.REFUNDED)
    return refund if charge.refunded_amount >= before + refund.amount else None


def _taking(due: int, refund: Refund | None) -> Taking:
    """Take what is due out of what was set aside for it, and the rest from the account."""
    if refund is None or not refund.credits:
        return Taking(clawed_back=due)
    captured = min(due, refund.credits)
    return Taking(due - captured, refund.request_id, captured)
