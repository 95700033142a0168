"""A purchase's states, and the ways that do not exist."""

from __future__ import annotations

from dataclasses import replace

import pytest

from billing.domain.purchase import MAX_ATTEMPTS, Purchase, PurchaseStateError
from billing.domain.purchase_parts import Failure, Source
from tests.unit.billing.purchases.world import CARD, NOW, WINDOW, a_charge, a_purchase

FAILURE = Failure("timeout", "took too long")
STARTED = a_purchase().attempt_started(NOW)
CHARGED = STARTED.with_charge(a_charge(), NOW + WINDOW, NOW)
COMPLETED = CHARGED.completed(Source.WEBHOOK, NOW)


@pytest.mark.parametrize(
    "purchase",
    [
        STARTED,
        CHARGED,
        COMPLETED,
        CHARGED.expired(Source.SAGA, NOW),
        replace(a_purchase(), attempts=MAX_ATTEMPTS),
    ],
)
def test_no_charge_is_asked_for_while_there_is_or_may_be_one(purchase: Purchase) -> None:
    """Open attempts, charges and ends forbid it, and so does the last attempt."""
    with pytest.raises(PurchaseStateError):
        purchase.attempt_started(NOW)


@pytest.mark.parametrize("purchase", [COMPLETED, CHARGED.withdrawn(FAILURE, NOW)])
def test_a_purchase_completes_once_and_never_after_its_payment_is_returned(
    purchase: Purchase,
) -> None:
    """Credits arrive once."""
    with pytest.raises(PurchaseStateError):
        purchase.completed(Source.WEBHOOK, NOW)


@pytest.mark.parametrize("purchase", [COMPLETED, CHARGED.expired(Source.SAGA, NOW)])
def test_what_ended_neither_fails_nor_expires(purchase: Purchase) -> None:
    """A late notice cannot take credits away."""
    with pytest.raises(PurchaseStateError):
        purchase.failed(FAILURE, Source.WEBHOOK, NOW)
    with pytest.raises(PurchaseStateError):
        purchase.expired(Source.WEBHOOK, NOW)


def test_credits_live_as_long_as_the_package_says() -> None:
    """Some for ever, and none before they are there."""
    forever = replace(COMPLETED, package=replace(COMPLETED.package, expires_after_days=None))
    assert forever.credits_expire_at() is None
    assert CHARGED.credits_expire_at() is None


@pytest.mark.parametrize("end", ["failed", "expired", "completed", "charged"])
def test_d01_a_card_s_token_does_not_outlive_its_use(end: str) -> None:
    """Whatever becomes of the purchase."""
    started = a_purchase(CARD).attempt_started(NOW)
    ends = {
        "failed": started.failed(FAILURE, Source.SAGA, NOW),
        "expired": started.expired(Source.SAGA, NOW),
        "completed": started.completed(Source.WEBHOOK, NOW),
        "charged": started.with_charge(a_charge(), None, NOW),
    }
    assert ends[end].card is None
