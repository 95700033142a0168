"""What becomes of a purchase, as the steps and the webhook tell the state machine."""

from __future__ import annotations

from enum import StrEnum

from billing.domain.charge import ChargeStatus
from billing.domain.purchase import Purchase
from billing.domain.purchase_parts import PurchaseStatus


class StepOutcome(StrEnum):
    """The outcomes that choices of the state machine are about."""

    PENDING = "pending"
    PAID = "paid"
    UNKNOWN = "unknown"
    ABSENT = "absent"
    RETRY = "retry"
    COMPLETED = "completed"
    FAILED = "failed"
    EXPIRED = "expired"
    STUCK = "stuck"


_ENDS = {
    PurchaseStatus.FAILED: StepOutcome.FAILED,
    PurchaseStatus.EXPIRED: StepOutcome.EXPIRED,
}


def end_of(purchase: Purchase) -> StepOutcome:
    """Return how a purchase that is not pending ended, as far as the saga is concerned.

    What happens to it after its completion, a dispute for example, is none of the saga's.
    """
    return _ENDS.get(purchase.status, StepOutcome.COMPLETED)


def standing(purchase: Purchase) -> StepOutcome | None:
    """Return where a purchase stands; None where no charge exists or is being asked for.

    Every step starts here, so a step that runs twice does its work once.
    """
    if not purchase.is_pending:
        return end_of(purchase)
    if purchase.payment is not None:
        is_open = purchase.payment.charge_status is ChargeStatus.PENDING
        return StepOutcome.PENDING if is_open else StepOutcome.PAID
    return StepOutcome.UNKNOWN if purchase.attempt_open_since else None
