"""`POST /v1/purchases`: buy a package."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from billing.adapters.purchase_store import PurchaseStore
from billing.catalogue import load_packages
from billing.purchase.buying import ROUTE, Bought, Buyer, Buying, ReturnHosts
from billing.purchase.prefer import wait_seconds
from billing.purchase.request import parsed, refuse_card_numbers_in
from billing.representation import purchase_document
from kernel import clock, idempotency, settings
from kernel.http import Endpoint, Request, Response, api_handler
from kernel.observability import about

_NO_HOST: Final = "-"


@dataclass(frozen=True)
class Settings:
    """What this function is told by its environment; `-` in a list of hosts means none."""

    stage: str
    billing_table_name: str
    return_uri_hosts: tuple[str, ...]
    return_uri_insecure_hosts: tuple[str, ...]


def buying(given: Settings) -> Buying:
    """Wire the use case."""
    hosts = ReturnHosts(_hosts(given.return_uri_hosts), _hosts(given.return_uri_insecure_hosts))
    return Buying(load_packages(given.stage), PurchaseStore(given.billing_table_name), hosts)


def endpoint(use_case: Buying) -> Endpoint:
    """Make the endpoint."""

    def create_purchase(request: Request) -> Response:
        body = request.json
        refuse_card_numbers_in(request.body, body)
        key = idempotency.key_of(request.headers)
        asked = parsed(body, use_case.verify_return_uri)
        bought = use_case.buy(
            Buyer(request.user_id, key, request.correlation_id),
            asked.package_id,
            asked.card,
            wait_seconds(request.headers.get("prefer", "")),
            clock.now(),
        )
        about(purchase_id=bought.purchase.id)
        return _answer(bought)

    return create_purchase


def _answer(bought: Bought) -> Response:
    purchase = bought.purchase
    headers = {"Location": f"/v1/purchases/{purchase.id}"}
    if bought.is_replay:
        headers[idempotency.REPLAYED_HEADER] = "true"
    is_without_charge = purchase.is_pending and purchase.payment is None
    return Response(202 if is_without_charge else 201, purchase_document(purchase), headers)


def _hosts(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if name != _NO_HOST)


handler: Final = api_handler({ROUTE: endpoint(buying(settings.read(Settings)))})
