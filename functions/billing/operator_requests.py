"""What operators' calls take: closed, strict and bounded, since most of it is stored for good."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from billing.domain.amounts import MAX_CREDITS
from kernel.operators.fields import Reason, RequestId, an_id
from kernel.validation import RequestModel


def _not_zero(credits: int) -> int:
    if not credits:
        raise ValueError("must not be 0")
    return credits


UserId = Annotated[str, an_id("usr")]
PurchaseId = Annotated[str, an_id("pur")]
AdjustmentId = Annotated[str, an_id("adj")]
SignedCredits = Annotated[int, Field(ge=-MAX_CREDITS, le=MAX_CREDITS), AfterValidator(_not_zero)]
Limit = Annotated[int, Field(ge=1, le=100)]
EntryNo = Annotated[int, Field(ge=1, le=10**12)]


class OfUser(RequestModel):
    """Whose."""

    user_id: UserId


class LedgerQuery(RequestModel):
    """Whose ledger, and which part of it."""

    user_id: UserId
    before: EntryNo | None = None
    limit: Limit = 20


class OfPurchase(RequestModel):
    """Which purchase."""

    purchase_id: PurchaseId


class OfAdjustment(RequestModel):
    """Which adjustment."""

    adjustment_id: AdjustmentId


class AdjustmentRequest(RequestModel):
    """An adjustment; positive credits give, negative ones take."""

    adjustment_id: AdjustmentId
    user_id: UserId
    credits: SignedCredits
    reason: Reason
    four_eyes: bool = False


class Rejection(RequestModel):
    """Why an adjustment is not to take effect."""

    adjustment_id: AdjustmentId
    reason: Reason


class RefundOrderRequest(RequestModel):
    """A refund; `amount` in satang, `force` lets credits that were spent become debt."""

    request_id: RequestId
    purchase_id: PurchaseId
    amount: Annotated[int, Field(ge=1)] | Literal["all"]
    reason: Reason
    force: bool = False
