"""A purchase: its states, and the only ways from one to another.

Every change returns a new purchase; storing it is conditional on nobody having stored another
change meanwhile, so a rule that is checked here holds in the table, too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from billing.domain.charge import Card, Charge, ChargeOrder, ChargeStatus, Dispute
from billing.domain.packages import Package
from billing.domain.purchase_parts import (
    Failure,
    Payment,
    PaymentMethod,
    PurchaseStatus,
    Refund,
    Source,
    StatusChange,
)
from kernel.errors import DomainError

MAX_ATTEMPTS: Final = 3


class PurchaseNotFoundError(DomainError):
    """No purchase of this user has this id."""

    code = "purchase_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such purchase.")


class PurchaseStateError(Exception):
    """A change that the purchase's state does not allow; a defect, never a user's doing."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """One purchase of one package, with the price as it was then.

    `card` is there until its token was used. `attempts` counts the charges that Omise was asked
    for, `attempt_open_since` is set while the answer to the last one is unknown. `withdrawn_at`
    fences a purchase whose payment is being returned: it can never be completed any more.
    `grant_nos` are the ledger entries that its credits arrived with. `refunded_amount` (satang) is
    what Omise refunded so far, `clawed_back` the credits that were taken for it and for disputes,
    `refunds` those that operators asked for. `version` counts the stored changes.
    """

    id: str
    user_id: str
    fingerprint: str
    correlation_id: str
    package: Package
    payment_method: PaymentMethod
    card: Card | None
    status: PurchaseStatus
    history: tuple[StatusChange, ...]
    created_at: datetime
    updated_at: datetime
    version: int = 1
    attempts: int = 0
    attempt_open_since: datetime | None = None
    payment: Payment | None = None
    failure: Failure | None = None
    refunded_amount: int = 0
    clawed_back: int = 0
    dispute: Dispute | None = None
    refunds: tuple[Refund, ...] = ()
    grant_nos: tuple[int, ...] = ()
    completed_at: datetime | None = None
    withdrawn_at: datetime | None = None

    @classmethod
    def opened(  # noqa: PLR0913  # what a buyer asks for, and under which ids
        cls,
        *,
        purchase_id: str,
        user_id: str,
        fingerprint: str,
        correlation_id: str,
        package: Package,
        card: Card | None,
        now: datetime,
    ) -> Purchase:
        """Open a purchase; without a card it is paid by PromptPay."""
        return cls(
            id=purchase_id,
            user_id=user_id,
            fingerprint=fingerprint,
            correlation_id=correlation_id,
            package=package,
            payment_method=PaymentMethod.CARD if card else PaymentMethod.PROMPTPAY,
            card=card,
            status=PurchaseStatus.PENDING,
            history=(StatusChange(now, PurchaseStatus.PENDING, Source.API),),
            created_at=now,
            updated_at=now,
        )

    @property
    def is_pending(self) -> bool:
        """Tell whether nothing final is known yet."""
        return self.status is PurchaseStatus.PENDING

    @property
    def is_credited(self) -> bool:
        """Tell whether its credits have been in the ledger."""
        return self.completed_at is not None

    @property
    def total_credits(self) -> int:
        """What it brings in all, the bonus included."""
        return self.package.credits + self.package.bonus_credits

    @property
    def open_refund(self) -> Refund | None:
        """The operator's refund that is under way; there is one at the most."""
        return next((refund for refund in self.refunds if refund.is_open), None)

    def refund(self, request_id: str) -> Refund | None:
        """Return what an operator asked for under this request id."""
        return next((one for one in self.refunds if one.request_id == request_id), None)

    @property
    def is_answerable(self) -> bool:
        """Tell whether a buyer who waits has something to act on: a way to pay, or the end."""
        return not self.is_pending or (
            self.payment is not None and self.payment.charge_status is ChargeStatus.PENDING
        )

    def order(self, pay_by: datetime) -> ChargeOrder:
        """Return what Omise is to be asked for.

        Parameters
        ----------
        pay_by
            Until when the buyer may pay.
        """
        return ChargeOrder(
            amount=self.package.amount,
            currency=self.package.currency,
            description=f"{self.package.name}: {self.package.credits} credits ({self.id})",
            metadata={
                "purchase_id": self.id,
                "user_id": self.user_id,
                "attempt": self.attempts,
                "correlation_id": self.correlation_id,
            },
            card=self.card,
            expires_at=pay_by,
        )

    def attempt_started(self, now: datetime) -> Purchase:
        """Note that Omise is about to be asked for a charge.

        Raises
        ------
        PurchaseStateError
            If a charge exists, may exist, or has been asked for too often.
        """
        if not self.is_pending or self.payment or self.attempt_open_since:
            raise PurchaseStateError(f"{self.id} may have a charge already")
        if self.attempts >= MAX_ATTEMPTS:
            raise PurchaseStateError(f"{self.id} has no attempt left")
        return replace(self, attempts=self.attempts + 1, attempt_open_since=now, updated_at=now)

    def attempt_closed(self, now: datetime) -> Purchase:
        """Note that the open attempt certainly made no charge."""
        return replace(self, attempt_open_since=None, updated_at=now)

    def attempt_undone(self, now: datetime) -> Purchase:
        """Note that Omise was not even asked: the attempt does not count."""
        return replace(self.attempt_closed(now), attempts=self.attempts - 1)

    def with_charge(self, charge: Charge, pay_by: datetime | None, now: datetime) -> Purchase:
        """Take over a charge; the card's token is used up and forgotten.

        Parameters
        ----------
        charge
            The charge as Omise gave it.
        pay_by
            When we stop waiting; Omise's own expiry counts where it is earlier.
        now
            The time of the change.
        """
        ends = [moment for moment in (pay_by, charge.expires_at) if moment is not None]
        payment = Payment(
            charge.id,
            charge.status,
            charge.qr_code_uri,
            charge.authorize_uri,
            min(ends, default=None),
        )
        return replace(self, payment=payment, card=None, attempt_open_since=None, updated_at=now)

    def completed(self, source: Source, now: datetime) -> Purchase:
        """Note that Omise confirmed the money.

        Raises
        ------
        PurchaseStateError
            If it was completed before, or its payment is being returned.
        """
        if self.is_credited or self.withdrawn_at:
            raise PurchaseStateError(f"{self.id} cannot be completed")
        ended = replace(self, failure=None, completed_at=now)
        return _ended(ended, PurchaseStatus.COMPLETED, source, now)

    def failed(self, failure: Failure, source: Source, now: datetime) -> Purchase:
        """Note that there will be no money."""
        return _ended(replace(self, failure=failure), PurchaseStatus.FAILED, source, now)

    def expired(self, source: Source, now: datetime) -> Purchase:
        """Note that nobody paid in time."""
        return _ended(self, PurchaseStatus.EXPIRED, source, now)

    def withdrawn(self, failure: Failure, now: datetime) -> Purchase:
        """Give the purchase up for good, so that its payment can be returned safely."""
        return replace(self.failed(failure, Source.SAGA, now), withdrawn_at=now)

    def with_grants(self, grant_nos: tuple[int, ...]) -> Purchase:
        """Name the ledger entries that brought the credits."""
        return replace(self, grant_nos=grant_nos)

    def with_refund(self, refund: Refund, now: datetime) -> Purchase:
        """Note an operator's refund, new or changed."""
        others = tuple(one for one in self.refunds if one.request_id != refund.request_id)
        return replace(self, refunds=(*others, refund), updated_at=now)

    def credits_expire_at(self) -> datetime | None:
        """Return when the credits end, counted from the completion."""
        days = self.package.expires_after_days
        if days is None or self.completed_at is None:
            return None
        return self.completed_at + timedelta(days=days)


def _ended(purchase: Purchase, status: PurchaseStatus, source: Source, now: datetime) -> Purchase:
    if status is not PurchaseStatus.COMPLETED and not purchase.is_pending:
        raise PurchaseStateError(f"{purchase.id} is {purchase.status}, so it cannot be {status}")
    return replace(
        purchase,
        status=status,
        history=(*purchase.history, StatusChange(now, status, source)),
        card=None,
        attempt_open_since=None,
        updated_at=now,
    )
