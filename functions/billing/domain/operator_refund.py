"""The rules of a refund that an operator asks for: what may be refunded, and for which credits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from billing.domain.account import Account
from billing.domain.charge import Charge
from billing.domain.commands import Release, Reserve
from billing.domain.entry import Cause, Entry
from billing.domain.ledger import InsufficientCreditsError, execute
from billing.domain.purchase import Purchase
from billing.domain.purchase_parts import PaymentMethod, PurchaseStatus, Refund
from billing.domain.returned_money import credits_for

# Omise refunds a charge at most 15 times (https://docs.omise.co/refunding-charges).
MAX_REFUNDS: Final = 15


class RefundRefusedError(Exception):
    """A refund that must not be made; nothing was changed.

    Parameters
    ----------
    reason
        Why, one of few stable words.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """What an operator asks for; the request id makes it happen once.

    `amount` is in satang, None means all that is left. With `force`, credits that were spent
    already become debt; without it, they are a reason to refuse.
    """

    request_id: str
    purchase_id: str
    amount: int | None
    operator: str
    reason: str
    force: bool


def verify_refundable_method(purchase: Purchase) -> None:
    """Let only purchases through whose payment Omise can give back.

    Raises
    ------
    RefundRefusedError
        `promptpay`: it cannot be refunded through Omise (https://docs.omise.co/promptpay).
    """
    if purchase.payment_method is PaymentMethod.PROMPTPAY:
        raise RefundRefusedError("promptpay")


def planned(purchase: Purchase, charge: Charge, order: RefundOrder, now: datetime) -> Refund:
    """Plan a refund of a purchase that is as its charge says.

    Parameters
    ----------
    purchase
        As it is after settling.
    charge
        Its charge, fetched from Omise a moment ago.
    order
        What the operator asks for.
    now
        The time.

    Returns
    -------
    Refund
        With the credits that are due for it.

    Raises
    ------
    RefundRefusedError
        `not_completed`, `disputed`, `already_refunded`, `refund_under_way`, `too_many_refunds`,
        or `amount_too_large`.
    """
    left = charge.amount - charge.refunded_amount
    amount = left if order.amount is None else order.amount
    reason = _objection(purchase) or ("amount_too_large" if amount > left else None)
    if reason is not None:
        raise RefundRefusedError(reason)
    due = credits_for(purchase, charge.refunded_amount + amount) - purchase.clawed_back
    return Refund(order.request_id, amount, due, order.operator, order.reason, now)


def _objection(purchase: Purchase) -> str | None:
    if purchase.status is PurchaseStatus.REFUNDED:
        return "already_refunded"
    if purchase.status is PurchaseStatus.DISPUTED:
        return "disputed"
    if purchase.status is not PurchaseStatus.COMPLETED:
        return "not_completed"
    if purchase.open_refund is not None:
        return "refund_under_way"
    return "too_many_refunds" if len(purchase.refunds) >= MAX_REFUNDS else None


def reserved(
    account: Account, purchase: Purchase, refund: Refund, *, force: bool, now: datetime
) -> tuple[Entry, ...]:
    """Set the credits of a refund aside, the purchase's own first.

    Raises
    ------
    RefundRefusedError
        `credits_spent`: there are too few, and nobody forces it.
    """
    credits = min(refund.credits, account.available(now)) if force else refund.credits
    if not credits:
        return ()
    cause = _cause(purchase, refund)
    command = Reserve(refund.request_id, credits, cause, purchase.grant_nos)
    try:
        return execute(account, command, now)
    except InsufficientCreditsError as error:
        raise RefundRefusedError("credits_spent") from error


def released(
    account: Account, purchase: Purchase, refund: Refund, now: datetime
) -> tuple[Entry, ...]:
    """Give the credits back that were set aside for a refund that is not made."""
    if not refund.credits:
        return ()
    return execute(account, Release(refund.request_id, _cause(purchase, refund)), now)


def _cause(purchase: Purchase, refund: Refund) -> Cause:
    return Cause("purchase", purchase.id, refund.request_id)
