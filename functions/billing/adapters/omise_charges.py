"""Charges at Omise: create, fetch, find, expire, give back.

A read is repeated when no answer comes; anything that moves money never is, because Omise has no
idempotency keys. Whoever creates has to find out what became of it (`find`).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from billing.adapters.omise_charge_json import charge_of, charges_of, payload_of, time_text
from billing.adapters.omise_errors import OmiseUnavailableError
from billing.adapters.omise_request import OmiseRequest
from billing.adapters.secrets import OmiseSecrets
from billing.domain.charge import Charge, ChargeOrder, is_charge_id
from kernel.observability import logger

READ_ATTEMPTS: Final = 3
PAGE_SIZE: Final = 100
MAX_PAGES: Final = 5
_BACKOFF_BASE_SECONDS: Final = 0.2
_BACKOFF_CAP_SECONDS: Final = 1.0


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
    """

    def __init__(
        self,
        secrets: Callable[[], OmiseSecrets],
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
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
        """Fetch a charge.

        Raises
        ------
        OmiseRefusalError
            If Omise does not know it.
        OmiseUnavailableError
            If Omise does not answer at several attempts.
        """
        return charge_of(self._read(_path(charge_id)))

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
            If Omise does not answer, or has made so many charges in that time that looking at
            the first 500 of them makes nothing certain.
        """
        found: list[Charge] = []
        for page in range(MAX_PAGES):
            charges = self._page(since, until, page * PAGE_SIZE)
            found += [charge for charge in charges if charge.purchase_id == purchase_id]
            if len(charges) < PAGE_SIZE:
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

    def refund(self, charge_id: str, amount: int, purchase_id: str) -> None:
        """Give an amount in satang back to the payer, once.

        Raises
        ------
        OmiseRefusalError
            If Omise refuses, as it does for PromptPay.
        OmiseUnavailableError
            If the outcome is not known; the charge's `refunded_amount` tells later.
        """
        payload = {"amount": amount, "metadata": {"purchase_id": purchase_id}}
        self._send("post", f"{_path(charge_id)}/refunds", payload)

    def _page(self, since: datetime, until: datetime, offset: int) -> list[Charge]:
        query = {
            "from": time_text(since),
            "to": time_text(until),
            "limit": PAGE_SIZE,
            "offset": offset,
            "order": "chronological",
        }
        return charges_of(self._read(f"charges?{urlencode(query)}"))

    def _read(self, path: str) -> Mapping[str, Any]:
        for attempt in range(1, READ_ATTEMPTS):
            try:
                return self._send("get", path)
            except OmiseUnavailableError as error:
                logger.warning("omise read", extra={"error": error.what, "attempt": attempt})
                ceiling = min(_BACKOFF_CAP_SECONDS, _BACKOFF_BASE_SECONDS * 2**attempt)
                self._sleep(ceiling * self._jitter())
        return self._send("get", path)

    def _send(
        self, method: str, path: str, payload: Mapping[str, object] | None = None
    ) -> Mapping[str, Any]:
        secrets = self._secrets()
        return OmiseRequest(secrets.secret_key, secrets.api_url).send(method, path, payload)


def _path(charge_id: str) -> str:
    """Build a charge's path; an id of any other form never gets into one."""
    if not is_charge_id(charge_id):
        raise ValueError("not a charge's id")
    return f"charges/{charge_id}"
