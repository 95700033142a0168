"""Buying a package: one pending purchase per Idempotency-Key, then a moment's wait.

Nothing is charged here. The purchase is put, the table's stream starts its saga, and the saga
asks Omise; this function only watches its own record until the buyer has something to act on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from billing.adapters.purchase_store import PurchaseStore
from billing.domain.charge import Card
from billing.domain.packages import Package, PackageNotFoundError
from billing.domain.purchase import Purchase
from billing.domain.purchase_return_uri import verify_return_uri
from kernel.errors import TemporarilyUnavailableError
from kernel.idempotency import fingerprint, verify_fingerprint
from kernel.ids import derived_id

ROUTE: Final = "POST /v1/purchases"
_FIRST_PAUSE_SECONDS: Final = 0.2
_LONGEST_PAUSE_SECONDS: Final = 1.0
_PAUSE_GROWTH: Final = 1.4


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys, under which key, in which request."""

    user_id: str
    idempotency_key: str
    correlation_id: str

    @property
    def purchase_id(self) -> str:
        """The one purchase that this key stands for."""
        return derived_id("pur", self.user_id, ROUTE, self.idempotency_key)


@dataclass(frozen=True, slots=True)
class Bought:
    """A purchase, and whether it was there before."""

    purchase: Purchase
    is_replay: bool


@dataclass(frozen=True, slots=True)
class ReturnHosts:
    """Where buyers may be sent back to: over https, and over http as well."""

    secure: tuple[str, ...]
    insecure: tuple[str, ...]


class Buying:
    """Opens purchases.

    Parameters
    ----------
    packages
        What is on sale, by id.
    purchases
        Where purchases are.
    hosts
        Where buyers may be sent back to.
    sleep, monotonic
        Wait some seconds; tell seconds that never go back.
    """

    def __init__(
        self,
        packages: Mapping[str, Package],
        purchases: PurchaseStore,
        hosts: ReturnHosts,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._packages = packages
        self._purchases = purchases
        self._hosts = hosts
        self._sleep = sleep
        self._monotonic = monotonic

    def buy(
        self, buyer: Buyer, package_id: str, card: Card | None, wait_seconds: int, now: datetime
    ) -> Bought:
        """Open a purchase, or find the one that the key opened before.

        Parameters
        ----------
        buyer
            Who buys, under which key.
        package_id
            What.
        card
            Paid with what; None means PromptPay.
        wait_seconds
            How long to wait for a charge.
        now
            The time of the request.

        Raises
        ------
        ValidationFailedError
            If the card's return URI is not allowed.
        PackageNotFoundError
            If nothing of that id is on sale.
        IdempotencyKeyReusedError
            If the key opened another purchase.
        TemporarilyUnavailableError
            If DynamoDB does not answer.
        """
        if card is not None:
            self.verify_return_uri(card.return_uri)
        bought = self._opened(buyer, package_id, card, now)
        return Bought(self._watched(bought.purchase, wait_seconds), bought.is_replay)

    def verify_return_uri(self, uri: str) -> None:
        """Let only a return URI on an allowed host through.

        Raises
        ------
        ValidationFailedError
            If it leads anywhere else.
        """
        verify_return_uri(uri, hosts=self._hosts.secure, insecure_hosts=self._hosts.insecure)

    def _opened(self, buyer: Buyer, package_id: str, card: Card | None, now: datetime) -> Bought:
        asked = fingerprint(
            {"package_id": package_id, "card": card and [card.token, card.return_uri]}
        )
        package = self._packages.get(package_id)
        if package is None:
            return self._no_longer_on_sale(buyer, asked)
        new = Purchase.opened(
            purchase_id=buyer.purchase_id,
            user_id=buyer.user_id,
            fingerprint=asked,
            correlation_id=buyer.correlation_id,
            package=package,
            card=card,
            now=now,
        )
        stored = self._purchases.create(new)
        verify_fingerprint(stored.fingerprint, asked)
        return Bought(stored, is_replay=stored is not new)

    def _no_longer_on_sale(self, buyer: Buyer, asked: str) -> Bought:
        """Find the purchase that was made when the package was on sale."""
        stored = self._purchases.get(buyer.purchase_id)
        if stored is None:
            raise PackageNotFoundError
        verify_fingerprint(stored.fingerprint, asked)
        return Bought(stored, is_replay=True)

    def _watched(self, purchase: Purchase, seconds: float) -> Purchase:
        """Read the purchase again and again until it is answerable or the time is over."""
        end = self._monotonic() + seconds
        pause = _FIRST_PAUSE_SECONDS
        while not purchase.is_answerable and self._monotonic() + pause <= end:
            self._sleep(pause)
            purchase = self._read_again(purchase)
            pause = min(pause * _PAUSE_GROWTH, _LONGEST_PAUSE_SECONDS)
        return purchase

    def _read_again(self, purchase: Purchase) -> Purchase:
        """Read the purchase; it exists whatever goes wrong now, so that is what is answered."""
        try:
            return self._purchases.get(purchase.id) or purchase
        except TemporarilyUnavailableError:
            return purchase
