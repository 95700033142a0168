"""Receiving a notice of Omise's: the checks, in the order that leaves an attacker nothing.

Signature over the raw bytes, then the charge's id out of the body and nothing else, then that
charge from Omise, then its comparison with the purchase, then the transaction, then the saga.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import datetime
from typing import Final

from billing.adapters.omise_charges import OmiseCharges
from billing.adapters.omise_errors import OmiseRefusalError, UnreadableChargeError
from billing.adapters.purchase_store import PurchaseStore, Waiting
from billing.adapters.secrets import OmiseSecretReader
from billing.domain.account import Account
from billing.domain.charge import Charge
from billing.domain.purchase import Purchase
from billing.domain.purchase_parts import Source
from billing.domain.purchase_settlement import ChargeMismatchError
from billing.domain.step_outcome import end_of
from billing.domain.webhook_event import charge_id_of
from billing.domain.webhook_signature import WebhookRejectedError, verify_signature
from billing.settlement import Settlement
from kernel import json_body
from kernel.errors import TemporarilyUnavailableError
from kernel.ids import is_id
from kernel.observability import begin, logger

# An event carries a whole charge with its card, source and refunds.
MAX_BODY_BYTES: Final = 256 * 1024


class Receiving:
    """What happens to a notice.

    Parameters
    ----------
    secrets
        The webhook secrets; None where the settings say that signatures are off.
    charges
        The charges at Omise.
    purchases
        Where purchases are.
    settlement
        Settles what a notice leads to.
    signal
        Answers a saga's task token with an outcome.
    """

    def __init__(
        self,
        secrets: OmiseSecretReader | None,
        charges: OmiseCharges,
        purchases: PurchaseStore,
        settlement: Settlement,
        signal: Callable[[str, str], None],
    ) -> None:
        self._secrets = secrets
        self._charges = charges
        self._purchases = purchases
        self._settlement = settlement
        self._signal = signal

    def receive(self, raw: bytes, headers: Mapping[str, str], now: datetime) -> None:
        """Act on a notice; when this returns, Omise need not send it again.

        Parameters
        ----------
        raw
            The body's bytes as they came.
        headers
            The request's headers, names in lower case.
        now
            The time of the arrival.

        Raises
        ------
        WebhookRejectedError
            If Omise did not send it, or it does not fit what Omise says when asked.
        PayloadTooLargeError, MalformedJsonError
            If the body is no event.
        TemporarilyUnavailableError
            If Omise, DynamoDB or Secrets Manager does not answer: send it again.
        """
        if self._secrets is not None:
            self._verify(self._secrets, raw, headers, now)
        charge_id = charge_id_of(json_body.parse(raw, MAX_BODY_BYTES))
        if charge_id is None:
            logger.info("event without meaning")
            return
        charge = self._fetched(charge_id)
        if charge is None:
            return
        # Begun before the purchase is read, so both reads take the time of one.
        account = self._account_of(charge)
        waiting = self._waiting(charge)
        if waiting is not None:
            _follow(waiting.purchase)
            self._settle(waiting, charge, account, now)

    def _verify(
        self,
        secrets: OmiseSecretReader,
        raw: bytes,
        headers: Mapping[str, str],
        now: datetime,
    ) -> None:
        """Verify the signature; one that fits no cached secret may be made with a newer one."""
        try:
            verify_signature(raw, headers, secrets.current().webhook_secrets, now)
        except WebhookRejectedError as rejection:
            newer = secrets.refreshed() if rejection.reason == "signature_wrong" else None
            if newer is None:
                raise
            verify_signature(raw, headers, newer.webhook_secrets, now)

    def _fetched(self, charge_id: str) -> Charge | None:
        """Fetch a charge; None if it cannot be read, and names no purchase of ours."""
        try:
            return self._charges.get(charge_id)
        except UnreadableChargeError as error:
            is_ours = error.purchase_id is not None and is_id("pur", error.purchase_id)
            if is_ours or error.charge_id != charge_id:  # ours, or no charge at all
                raise
            logger.info("charge without purchase", extra={"charge_id": charge_id})
            return None
        except OmiseRefusalError as refusal:
            if refusal.is_not_found:
                raise WebhookRejectedError("charge_unknown") from refusal
            raise TemporarilyUnavailableError("The charge cannot be read now.") from refusal

    def _account_of(self, charge: Charge) -> Future[Account] | None:
        user_id = charge.metadata.get("user_id")
        if charge.is_paid and isinstance(user_id, str) and is_id("usr", user_id):
            return self._settlement.account_of(user_id)
        return None

    def _waiting(self, charge: Charge) -> Waiting | None:
        """Read the purchase that a charge names; a charge of some other shop names none."""
        purchase_id = charge.purchase_id
        waiting = None
        if purchase_id is not None and is_id("pur", purchase_id):
            waiting = self._purchases.waiting(purchase_id)
        if waiting is None:
            logger.info("charge without purchase", extra={"charge_id": charge.id})
        return waiting

    def _settle(
        self, waiting: Waiting, charge: Charge, account: Future[Account] | None, now: datetime
    ) -> None:
        try:
            settled = self._settlement.settle(
                waiting.purchase,
                charge,
                livemode=self._charges.livemode,
                source=Source.WEBHOOK,
                now=now,
                account=account,
            )
        except ChargeMismatchError as mismatch:
            raise WebhookRejectedError(f"{mismatch.reason}_mismatch") from mismatch
        if waiting.purchase.is_pending and not settled.is_pending:
            self._tell_saga(waiting.task_token, settled)

    def _tell_saga(self, token: str | None, settled: Purchase) -> None:
        """Answer the saga's token; one that was not there yet may have been stored meanwhile."""
        if token is None:
            token = self._late_token(settled.id)
        if token is not None:
            self._signal(token, end_of(settled))

    def _late_token(self, purchase_id: str) -> str | None:
        try:
            waiting = self._purchases.waiting(purchase_id)
        except TemporarilyUnavailableError:  # the credits are there, and the saga looks by itself
            logger.info("saga not told", extra={"purchase_id": purchase_id})
            return None
        return waiting.task_token if waiting else None


def _follow(purchase: Purchase) -> None:
    """Log on under the id of the request that the purchase began with, and name it under ours."""
    ids = {"purchase_id": purchase.id, "purchase_correlation_id": purchase.correlation_id}
    logger.info("notice about a purchase", extra=ids)
    begin(purchase.correlation_id, user_id=purchase.user_id, purchase_id=purchase.id)
