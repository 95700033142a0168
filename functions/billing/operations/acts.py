"""What operators can do to accounts and purchases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from billing.operations.adjusting import Adjusting, AdjustmentOrder
from billing.operations.documents import adjustment_document
from billing.operator_requests import (
    AdjustmentRequest,
    OfAdjustment,
    RefundOrderRequest,
    Rejection,
)
from kernel.observability import count
from kernel.operators.operations import Act, Call
from kernel.operators.runs import OfRequest, OperatorRun

Json = dict[str, Any]


class Acts:
    """Adjusts, decides adjustments, and starts refunds.

    Parameters
    ----------
    adjusting
        Carries out adjustments.
    refunds
        The refund's state machine.
    """

    def __init__(self, adjusting: Adjusting, refunds: OperatorRun) -> None:
        self._adjusting = adjusting
        self._refunds = refunds

    def operations(self) -> Mapping[str, Act]:
        """Name them."""
        return {
            "adjust": Act(self.adjust),
            "approve": Act(self.approve),
            "reject": Act(self.reject),
            "refund": Act(self.refund),
            "refund_outcome": Act(self.refund_outcome),
        }

    def adjust(self, call: Call) -> Json:
        """Give or take credits, or ask a second operator to."""
        asked = call.read(AdjustmentRequest)
        order = AdjustmentOrder(**asked.model_dump())
        adjustment = self._adjusting.adjust(order, call)
        count("AdjustmentsAsked", outcome=adjustment.state.value)
        return adjustment_document(adjustment)

    def approve(self, call: Call) -> Json:
        """Let a requested adjustment take effect."""
        asked = call.read(OfAdjustment)
        return adjustment_document(self._adjusting.approve(asked.adjustment_id, call))

    def reject(self, call: Call) -> Json:
        """Decide that a requested adjustment does not take effect."""
        asked = call.read(Rejection)
        rejected = self._adjusting.reject(asked.adjustment_id, asked.reason, call)
        return adjustment_document(rejected)

    def refund(self, call: Call) -> Json:
        """Start a refund; the purchase then names the operator that AWS confirmed."""
        asked = call.read(RefundOrderRequest)
        given = {**asked.model_dump(exclude={"request_id"}), "operator": call.operator}
        return self._refunds.start(
            asked.request_id,
            given,
            call,
            reason=asked.reason,
            details={
                "purchase_id": asked.purchase_id,
                "amount": asked.amount,
                "force": asked.force,
            },
        )

    def refund_outcome(self, call: Call) -> Json:
        """Tell what a refund came to."""
        return self._refunds.outcome(call.read(OfRequest).request_id, call)
