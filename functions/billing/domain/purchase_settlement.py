"""The one rule of settling: what a fetched charge means for its purchase.

The webhook, the reconciler and a webhook that comes after everything was over all ask here, so
they cannot disagree. Only a charge that was fetched from Omise may be passed in; what a webhook's
body or a browser says is no charge.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from billing.domain.charge import Charge, ChargeStatus
from billing.domain.purchase import Purchase
from billing.domain.purchase_parts import Failure, Source
from billing.domain.returned_money import NOTHING_TAKEN, Taking, caught_up

_RETURNED: Final = Failure("payment_returned", "The payment went back to the payer.")
_REVERSED: Final = Failure("payment_reversed", "The payment was reversed before it was captured.")
_UNNAMED: Final = Failure("failed_processing", "The payment failed.")


class ChargeMismatchError(Exception):
    """A charge is not the one that the purchase is to be paid with.

    Parameters
    ----------
    reason
        What differs, one of few stable words.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Outcome(StrEnum):
    """What is to be done about a purchase."""

    COMPLETE = "complete"
    FAIL = "fail"
    EXPIRE = "expire"
    CATCH_UP = "catch_up"
    NOTHING = "nothing"
    PAID_TWICE = "paid_twice"


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done, the purchase as it is then to be stored, and the credits it loses."""

    outcome: Outcome
    purchase: Purchase
    taking: Taking = NOTHING_TAKEN


def verify_match(purchase: Purchase, charge: Charge, *, livemode: bool) -> None:
    """Make sure that a charge pays this purchase and nothing else.

    Parameters
    ----------
    purchase, charge
        The two.
    livemode
        Whether this deployment takes real money.

    Raises
    ------
    ChargeMismatchError
        If amount, currency, mode, purchase or user differ.
    """
    expected: dict[str, tuple[object, object]] = {
        "purchase": (charge.metadata.get("purchase_id"), purchase.id),
        "user": (charge.metadata.get("user_id"), purchase.user_id),
        "amount": (charge.amount, purchase.package.amount),
        "currency": (charge.currency.upper(), purchase.package.currency),
        "livemode": (charge.livemode, livemode),
    }
    for reason, (given, wanted) in expected.items():
        if given != wanted:
            raise ChargeMismatchError(reason)


def decide(
    purchase: Purchase, charge: Charge, *, livemode: bool, source: Source, now: datetime
) -> Decision:
    """Decide what a fetched charge means for its purchase.

    Whatever was decided before, deciding again on the outcome gives `NOTHING`: repeated, late
    and reordered notices change nothing.

    Raises
    ------
    ChargeMismatchError
        If the charge is not this purchase's.
    """
    verify_match(purchase, charge, livemode=livemode)
    if purchase.is_credited or purchase.withdrawn_at:
        return _of_a_closed_purchase(purchase, charge, source, now)
    if charge.is_paid and not charge.is_returned:
        paid = _with_charge(purchase, charge, now).completed(source, now)
        return Decision(Outcome.COMPLETE, *caught_up(paid, charge, source, now))
    if purchase.is_pending and _is_current(purchase, charge):
        return _of_an_unpaid_charge(purchase, charge, source, now)
    return Decision(Outcome.NOTHING, purchase)


def _of_a_closed_purchase(
    purchase: Purchase, charge: Charge, source: Source, now: datetime
) -> Decision:
    """Follow the charge that closed the purchase; another paid one is somebody's lost money."""
    if not _is_current(purchase, charge):
        is_second = charge.is_paid and not charge.is_returned
        return Decision(Outcome.PAID_TWICE if is_second else Outcome.NOTHING, purchase)
    if purchase.withdrawn_at:
        later, taking = _with_refunded(purchase, charge, now), NOTHING_TAKEN
    else:
        later, taking = caught_up(purchase, charge, source, now)
    return Decision(Outcome.NOTHING if later == purchase else Outcome.CATCH_UP, later, taking)


def _of_an_unpaid_charge(
    purchase: Purchase, charge: Charge, source: Source, now: datetime
) -> Decision:
    known = _with_refunded(_with_charge(purchase, charge, now), charge, now)
    if charge.status is ChargeStatus.EXPIRED:
        return Decision(Outcome.EXPIRE, known.expired(source, now))
    failure = _failure(charge)
    if failure is not None:
        return Decision(Outcome.FAIL, known.failed(failure, source, now))
    return Decision(Outcome.NOTHING, purchase)


def _failure(charge: Charge) -> Failure | None:
    if charge.is_paid and charge.is_returned:
        return _RETURNED
    if charge.status is ChargeStatus.REVERSED:
        return _REVERSED
    if charge.status is ChargeStatus.FAILED:
        return Failure(
            charge.failure_code or _UNNAMED.code, charge.failure_message or _UNNAMED.message
        )
    return None


def _is_current(purchase: Purchase, charge: Charge) -> bool:
    """Tell whether this is the charge that the purchase knows.

    An unpaid charge that it does not know says nothing: the saga may be about to record another.
    """
    return purchase.payment is not None and purchase.payment.charge_id == charge.id


def _with_refunded(purchase: Purchase, charge: Charge, now: datetime) -> Purchase:
    """Show what was refunded of a payment that brought no credits."""
    if charge.refunded_amount <= purchase.refunded_amount:
        return purchase
    return replace(purchase, refunded_amount=charge.refunded_amount, updated_at=now)


def _with_charge(purchase: Purchase, charge: Charge, now: datetime) -> Purchase:
    if purchase.payment is not None and _is_current(purchase, charge):
        payment = replace(purchase.payment, charge_status=charge.status)
        return replace(purchase, payment=payment)
    return purchase.with_charge(charge, None, now)
