"""Charges at Omise: create, fetch, find, expire, give back.

A read is repeated when no answer comes; anything that moves money never is, because Omise has no
idempotency keys. Whoever creates has to find out what became of it (`find`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from billing.adapters import omise_call
from billing.adapters.omise_charge_json import (
    ChargePage,
    charge_of,
    charges_of,
    dispute_of,
    payload_of,
    refund_requests_of,
    time_text,
    unread_dispute_id_of,
)
from billing.adapters.omise_errors import OmiseUnavailableError
from billing.adapters.omise_event_json import EventPage, events_of
from billing.adapters.secrets import OmiseSecrets
from billing.domain.charge import Charge, ChargeOrder, is_charge_id, is_dispute_id
from kernel.backoff import Draw, from_system, full_jitter
from kernel.observability import logger

READ_ATTEMPTS: Final = 3
PAGE_SIZE: Final = 100
MAX_PAGES: Final = 5
# A page with all its attempts may still follow before the function's own time-out of 90 s.
LAST_PAGE_BEGINS_WITHIN_SECONDS: Final = 60.0
_BASE_SECONDS: Final = 0.4
_CAP_SECONDS: Final = 1.0


class OmiseCharges:
    """The charges of one Omise account.

    Parameters
    ----------
    secrets
        Gives the keys, at each call anew, so that a rotated key is picked up.
    sleep
        Waits between the attempts of a read, in seconds.
    jitter
        Draws from 0 to 1 for the backoff with full jitter.
    monotonic
        Tells seconds that never go back.
    """

    def __init__(
        self,
        secrets: Callable[[], OmiseSecrets],
        sleep: Callable[[float], None] = time.sleep,
        jitter: Draw = from_system,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self._secrets = secrets
        self._sleep = sleep
        self._jitter = jitter

    @property
    def livemode(self) -> bool:
        """Whether the keys are for real money; every charge must say the same."""
        return self._secrets().livemode

    def create(self, order: ChargeOrder) -> Charge:
        """Ask for a charge, once.

        Raises
        ------
        OmiseRefusalError
            If Omise refuses, so that there is no charge.
        OmiseUnavailableError
            If the outcome is not known, unless the error says that nothing happened.
        """
        return charge_of(self._send("post", "charges", payload_of(order)))

    def get(self, charge_id: str) -> Charge:
        """Fetch a charge, with what was refunded of it and how a dispute about it stands.

        Raises
        ------
        OmiseRefusalError
            If Omise does not know it.
        OmiseUnavailableError
            If Omise does not answer at several attempts.
        """
        answer = self._read(_path(charge_id))
        charge = charge_of(answer)
        dispute_id = unread_dispute_id_of(answer)
        if dispute_id is None:
            return charge
        return replace(charge, dispute=dispute_of(self._read(_dispute_path(dispute_id))))

    def refund_requests(self, charge_id: str) -> frozenset[str]:
        """List the request ids that a charge's refunds name in their metadata.

        Raises
        ------
        OmiseRefusalError, OmiseUnavailableError
            As `get`.
        """
        return refund_requests_of(self._read(f"{_path(charge_id)}/refunds?limit={PAGE_SIZE}"))

    def find(self, purchase_id: str, since: datetime, until: datetime) -> list[Charge]:
        """List the charges of a time that were made for a purchase.

        Parameters
        ----------
        purchase_id
            What the charges' metadata must name.
        since, until
            When the charges must have been created.

        Returns
        -------
        list[Charge]
            None, one, or against all intentions several; oldest first.

        Raises
        ------
        OmiseUnavailableError
            If Omise does not answer, takes more than a minute, answers with a charge of the
            purchase that cannot be read, or has made so many charges in that time that looking at
            the first 500 of them makes nothing certain.
        """
        found: list[Charge] = []
        give_up_at = self._monotonic() + LAST_PAGE_BEGINS_WITHIN_SECONDS
        for page in range(MAX_PAGES):
            if self._monotonic() > give_up_at:
                raise OmiseUnavailableError("too slow to be certain")
            listed = self.page(since, until, page * PAGE_SIZE)
            found += [charge for charge in listed.charges if charge.purchase_id == purchase_id]
            for unreadable in listed.unreadable:
                if unreadable.purchase_id == purchase_id:
                    raise unreadable
            if listed.row_count < PAGE_SIZE:
                return found
        if not found:
            raise OmiseUnavailableError("too many charges to be certain")
        return found

    def expire(self, charge_id: str) -> None:
        """Make a pending charge unpayable.

        Raises
        ------
        OmiseRefusalError
            If it is not pending any more, or cannot be expired.
        OmiseUnavailableError
            If the outcome is not known; asking again is harmless.
        """
        self._send("post", f"{_path(charge_id)}/expire")

    def refund(
        self, charge_id: str, amount: int, purchase_id: str, request_id: str | None = None
    ) -> None:
        """Give an amount in satang back to the payer, once.

        Parameters
        ----------
        charge_id, amount
            Of what, and how much.
        purchase_id, request_id
            What the refund's metadata names, so that it is found again when the answer is lost.

        Raises
        ------
        OmiseRefusalError
            If Omise refuses, as it does for PromptPay.
        OmiseUnavailableError
            If the outcome is not known; the charge's `refunded_amount` tells later.
        """
        metadata = {"purchase_id": purchase_id} | ({"request_id": request_id} if request_id else {})
        payload = {"amount": amount, "metadata": metadata}
        self._send("post", f"{_path(charge_id)}/refunds", payload)

    def page(self, since: datetime, until: datetime, offset: int) -> ChargePage:
        """List up to 100 charges of a time, oldest first; fewer are the last ones.

        Raises
        ------
        OmiseUnavailableError
            If Omise does not answer at several attempts.
        """
        return charges_of(self._read(f"charges?{_window(since, until, offset)}"))

    def returned_page(self, since: datetime, until: datetime, offset: int) -> EventPage:
        """List the charges that up to 100 events of a time say were refunded or disputed.

        Raises
        ------
        OmiseUnavailableError
            As `page`.
        """
        return events_of(self._read(f"events?{_window(since, until, offset)}"))

    def _read(self, path: str) -> Mapping[str, Any]:
        for attempt in range(READ_ATTEMPTS - 1):
            try:
                return self._send("get", path)
            except OmiseUnavailableError as error:
                logger.warning("omise read", extra={"error": error.what, "attempt": attempt + 1})
                self._back_off(attempt)
        return self._send("get", path)

    def _back_off(self, attempt: int) -> None:
        self._sleep(
            full_jitter(
                attempt, base_seconds=_BASE_SECONDS, cap_seconds=_CAP_SECONDS, draw=self._jitter
            )
        )

    def _send(
        self, method: str, path: str, payload: Mapping[str, object] | None = None
    ) -> Mapping[str, Any]:
        return omise_call.send(self._secrets(), method, path, payload)


def _window(since: datetime, until: datetime, offset: int) -> str:
    return urlencode(
        {
            "from": time_text(since),
            "to": time_text(until),
            "limit": PAGE_SIZE,
            "offset": offset,
            "order": "chronological",
        }
    )


def _path(charge_id: str) -> str:
    """Build a charge's path; an id of any other form never gets into one."""
    if not is_charge_id(charge_id):
        raise ValueError("not a charge's id")
    return f"charges/{charge_id}"


def _dispute_path(dispute_id: str) -> str:
    if not is_dispute_id(dispute_id):
        raise OmiseUnavailableError("not a dispute's id")
    return f"disputes/{dispute_id}"
