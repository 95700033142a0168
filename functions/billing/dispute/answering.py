"""Looking at a dispute, and answering or accepting it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field

from billing.adapters.omise_disputes import DisputeFile, OmiseDisputes
from billing.adapters.omise_errors import OmiseRefusalError
from billing.adapters.purchase_store import PurchaseStore
from billing.domain.purchase import PurchaseNotFoundError
from billing.operator_requests import OfPurchase
from kernel.errors import OperationRefusedError
from kernel.observability import logger
from kernel.operators.fields import Reason, stripped
from kernel.operators.log import OperatorLog
from kernel.operators.operations import Act, Call, Look, Seen

Json = dict[str, Any]
MAX_MESSAGE_LENGTH: Final = 2_000


class Answer(OfPurchase):
    """What the payer's bank is to read."""

    message: Annotated[str, Field(max_length=MAX_MESSAGE_LENGTH), AfterValidator(stripped)]


class Acceptance(OfPurchase):
    """Why the payer may have the money."""

    reason: Reason


class NotDisputedError(OperationRefusedError):
    """Nobody disputes the purchase, as far as is known here."""

    code = "not_disputed"


class DisputeDecidedError(OperationRefusedError):
    """The dispute is won or lost already."""

    code = "dispute_decided"


class ProviderRefusedError(OperationRefusedError):
    """Omise refuses what is asked of it."""

    code = "refused_by_omise"


class Disputes:
    """What operators can do about disputes.

    The purchase follows by itself: Omise's webhook tells what became of the dispute, and the
    charge decides (ADR 20).

    Parameters
    ----------
    purchases
        Tells which dispute a purchase has.
    omise
        Where the dispute is.
    log
        Where it is recorded.
    """

    def __init__(self, purchases: PurchaseStore, omise: OmiseDisputes, log: OperatorLog) -> None:
        self._purchases = purchases
        self._omise = omise
        self._log = log

    def operations(self) -> Mapping[str, Look | Act]:
        """Name them."""
        return {
            "show_dispute": Look(self.show),
            "answer_dispute": Act(self.answer),
            "accept_dispute": Act(self.accept),
        }

    def show(self, call: Call) -> Seen:
        """Show what Omise knows of a purchase's dispute."""
        purchase_id = call.read(OfPurchase).purchase_id
        return Seen(purchase_id, _document(self._found(purchase_id)))

    def answer(self, call: Call) -> Json:
        """Tell our side."""
        asked = call.read(Answer)
        dispute = self._open(asked.purchase_id)
        return self._done(
            call, asked.purchase_id, None, lambda: self._omise.answer(dispute.id, asked.message)
        )

    def accept(self, call: Call) -> Json:
        """Let the payer have the money."""
        asked = call.read(Acceptance)
        dispute = self._open(asked.purchase_id)
        return self._done(
            call, asked.purchase_id, asked.reason, lambda: self._omise.accept(dispute.id)
        )

    def _done(
        self, call: Call, purchase_id: str, reason: str | None, send: Callable[[], DisputeFile]
    ) -> Json:
        """Record that it is asked for, ask, and record what came of it."""
        self._log.append(call.record("asked", purchase_id, reason=reason))
        dispute = _sent(send)
        self._log.append(call.record("done", purchase_id, details={"status": dispute.status.value}))
        return _document(dispute)

    def _open(self, purchase_id: str) -> DisputeFile:
        dispute = self._found(purchase_id)
        if dispute.status.is_closed:
            raise DisputeDecidedError(f"The dispute is {dispute.status} already.")
        return dispute

    def _found(self, purchase_id: str) -> DisputeFile:
        purchase = self._purchases.get(purchase_id)
        if purchase is None:
            raise PurchaseNotFoundError
        if purchase.dispute is None:
            raise NotDisputedError("Nobody disputes this purchase.")
        dispute_id = purchase.dispute.id
        return _sent(lambda: self._omise.get(dispute_id))


def _sent(send: Callable[[], DisputeFile]) -> DisputeFile:
    try:
        return send()
    except OmiseRefusalError as refusal:
        logger.warning("omise refuses", extra={"code": refusal.code})
        raise ProviderRefusedError(f"Omise refuses: {refusal.code}.") from refusal


def _document(dispute: DisputeFile) -> Json:
    return {**asdict(dispute), "status": dispute.status.value}
