"""The end of a purchase: stored, and reported so that it can be counted and found."""

from __future__ import annotations

from billing.adapters.purchase_store import PurchaseStore
from billing.domain.purchase import Purchase
from kernel.observability import count, logger


def save_end(purchases: PurchaseStore, purchase: Purchase) -> Purchase:
    """Store a purchase that has ended without credits, and report it.

    Raises
    ------
    PurchaseChangedError
        If somebody else changed it first; nothing was stored.
    """
    saved = purchases.save(purchase)
    report_end(saved)
    return saved


def report_end(purchase: Purchase) -> None:
    """Log and count how a purchase ended: `PurchasesEnded`, by outcome.

    One that was paid after its end is counted once more, as completed.
    """
    failure = purchase.failure
    logger.info(
        "purchase ended",
        extra={
            "purchase_id": purchase.id,
            "user_id": purchase.user_id,
            "charge_id": purchase.payment.charge_id if purchase.payment else None,
            "status": purchase.status,
            "error_code": failure.code if failure else None,
            "credits": purchase.total_credits if purchase.is_credited else 0,
            "amount": purchase.package.amount,
        },
    )
    count("PurchasesEnded", outcome=str(purchase.status))
