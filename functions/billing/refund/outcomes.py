"""What a step of the refund tells the state machine."""

from __future__ import annotations

from enum import StrEnum

from billing.domain.purchase_parts import Refund, RefundState


class RefundOutcome(StrEnum):
    """The outcomes that choices of the state machine are about."""

    RESERVED = "reserved"
    UNKNOWN = "unknown"
    ABSENT = "absent"
    RETRY = "retry"
    REFUNDED = "refunded"
    CAPTURED = "captured"
    REFUSED = "refused"


_OF_STATE = {
    RefundState.RESERVED: RefundOutcome.RESERVED,
    RefundState.REFUNDED: RefundOutcome.CAPTURED,
    RefundState.REFUSED: RefundOutcome.REFUSED,
}


def standing(refund: Refund) -> RefundOutcome:
    """Return where a refund stands; every step starts here, so that it does its work once."""
    return _OF_STATE[refund.state]
