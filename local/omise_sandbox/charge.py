"""A charge and what can become of it.

Pure: time comes in as an argument, a change returns a new charge, and a change that Omise would
not make raises. Rules: https://docs.omise.co/charges-api and the pages of the payment methods.
"""

from dataclasses import dataclass, replace
from typing import Final, Literal

from local.omise_sandbox.cards import Challenge
from local.omise_sandbox.errors import OmiseError
from local.omise_sandbox.records import Card, Source

ChargeStatus = Literal["pending", "successful", "failed", "expired", "reversed"]

_BASIS: Final = 10_000
_CARD_FEE: Final = 365  # 3.65 %, in hundredths of a percent
_PROMPTPAY_FEE: Final = 165
_VAT: Final = 700


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A payment, wanted or made.

    Attributes
    ----------
    amount
        In satang.
    authorize_id
        The ``paym_…`` id of the page on which the cardholder is challenged, or none.
    captured
        How much was captured of a charge with ``capture: false``, in satang, or none yet.
    document_id
        The ``docu_…`` id of the QR code's image, for PromptPay.
    download_key
        What makes the image's address unguessable.
    refunded
        The sum of the refunds, in satang.
    """

    id: str
    created_at: int
    amount: int
    currency: str
    capture: bool
    expires_at: int
    card: Card | None = None
    source: Source | None = None
    description: str | None = None
    metadata: dict[str, object]
    return_uri: str | None = None
    ip: str | None = None
    webhook_endpoints: tuple[str, ...] = ()
    challenge: Challenge = "none"
    authorize_id: str | None = None
    document_id: str | None = None
    download_key: str | None = None
    status: ChargeStatus = "pending"
    authorized: bool = False
    captured: int | None = None
    refunded: int = 0
    failure_code: str | None = None
    dispute_id: str | None = None
    disputed: bool = False
    paid_at: int | None = None
    expired_at: int | None = None
    reversed_at: int | None = None

    @property
    def paid(self) -> bool:
        """Whether the money has been taken."""
        return self.paid_at is not None

    @property
    def capturable(self) -> bool:
        """Whether the money is held and waits to be captured."""
        return self.status == "pending" and self.authorized

    @property
    def charged_amount(self) -> int:
        """What was or would be taken, in satang."""
        return self.amount if self.captured is None else self.captured

    @property
    def refundable_amount(self) -> int:
        """What can still be refunded, in satang; never anything for PromptPay."""
        if self.status != "successful" or self.card is None or self.disputed:
            return 0
        return self.charged_amount - self.refunded

    @property
    def fee(self) -> int:
        """Omise's fee, in satang, without VAT."""
        rate = _CARD_FEE if self.card is not None else _PROMPTPAY_FEE
        return _share(self.charged_amount, rate)

    @property
    def fee_vat(self) -> int:
        """VAT on the fee, in satang."""
        return _share(self.fee, _VAT)


def approve(charge: Charge, now: int) -> Charge:
    """Take the money, or hold it if the merchant captures later.

    Raises
    ------
    OmiseError
        ``expired_charge``: too late. ``invalid_charge``: it is not waiting for payment.
    """
    _require_awaiting_payment(charge)
    return settle(charge, now) if charge.capture else replace(charge, authorized=True)


def settle(charge: Charge, now: int) -> Charge:
    """Take the money whatever the charge's status is: late, after expiry, after a failure."""
    return replace(charge, status="successful", authorized=True, paid_at=now, failure_code=None)


def decline(charge: Charge, failure_code: str) -> Charge:
    """Let the payment fail.

    Raises
    ------
    OmiseError
        ``expired_charge``: too late. ``invalid_charge``: it is not waiting for payment.
    """
    _require_awaiting_payment(charge)
    return replace(charge, status="failed", failure_code=failure_code)


def expire(charge: Charge, now: int) -> Charge:
    """End the wait for payment.

    Raises
    ------
    OmiseError
        ``failed_expire``: the charge is not pending.
    """
    if charge.status != "pending":
        raise OmiseError("failed_expire", f"charge is already {charge.status}")
    return replace(charge, status="expired", authorized=False, expired_at=now)


def capture(charge: Charge, amount: int | None, now: int) -> Charge:
    """Take what is held, or the part of it that `amount` says, in satang.

    Raises
    ------
    OmiseError
        ``failed_capture``: nothing is held, or less than that.
    """
    taken = charge.amount if amount is None else amount
    if not charge.capturable:
        raise OmiseError("failed_capture", "charge was not authorized or is already captured")
    if not 0 < taken <= charge.amount:
        raise OmiseError("failed_capture", "capture amount exceeds the authorized amount")
    return replace(charge, status="successful", captured=taken, paid_at=now)


def reverse(charge: Charge, now: int) -> Charge:
    """Let go of what is held.

    Raises
    ------
    OmiseError
        ``failed_reverse``: nothing is held.
    """
    if not charge.capturable:
        raise OmiseError("failed_reverse", "only uncaptured authorized charges can be reversed")
    return replace(charge, status="reversed", reversed_at=now)


def refund(charge: Charge, amount: int) -> Charge:
    """Give some of the money back.

    Raises
    ------
    OmiseError
        ``failed_refund``: the method or the status does not allow it, or all refunds together
        would be more than the charge.
    """
    if charge.refundable_amount == 0:
        raise OmiseError("failed_refund", "charge is not refundable")
    if not 0 < amount <= charge.refundable_amount:
        raise OmiseError("failed_refund", "amount is greater than the refundable amount")
    return replace(charge, refunded=charge.refunded + amount)


def _require_awaiting_payment(charge: Charge) -> None:
    if charge.status == "expired":
        raise OmiseError("expired_charge", "charge expired")
    if charge.status != "pending" or charge.authorized:
        raise OmiseError("invalid_charge", f"charge is already {charge.status}")


def _share(amount: int, hundredths_of_percent: int) -> int:
    return (amount * hundredths_of_percent + _BASIS // 2) // _BASIS
