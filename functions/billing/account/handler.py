"""What a user has: `GET /v1/account`, the ledger, packages and purchases."""

from __future__ import annotations

from dataclasses import dataclass

from billing.account.ledger_query import LedgerFilter, list_entries
from billing.adapters.ledger_store import LedgerStore
from billing.adapters.purchase_store import PurchaseStore
from billing.catalogue import load_packages
from billing.domain.purchase import PurchaseNotFoundError
from billing.representation import (
    account_document,
    entry_document,
    package_document,
    purchase_document,
)
from kernel import clock, settings
from kernel.http import PUBLIC_CACHE, Request, Response, api_handler
from kernel.pagination import encode_cursor, page_of


@dataclass(frozen=True, slots=True)
class Settings:
    """What this function is told by its environment."""

    billing_table_name: str
    stage: str


_SETTINGS = settings.read(Settings)
_LEDGER = LedgerStore(_SETTINGS.billing_table_name)
_PURCHASES = PurchaseStore(_SETTINGS.billing_table_name)
_PACKAGES = load_packages(_SETTINGS.stage)


def packages(_request: Request) -> Response:
    """List what can be bought."""
    return Response(200, {"data": [package_document(p) for p in _PACKAGES.values()]}, PUBLIC_CACHE)


def account(request: Request) -> Response:
    """Show the balance and the grants that it is made of."""
    current = _LEDGER.account(request.user_id)
    origins = _LEDGER.entries_by_number(
        request.user_id, [grant.entry_no for grant in current.grants]
    )
    return Response(200, account_document(current, origins, clock.now()))


def ledger(request: Request) -> Response:
    """List ledger entries, newest first."""
    query = request.parameters
    wanted = LedgerFilter.of_query(query)
    scope = f"ledger {request.user_id} {wanted}"
    found = list_entries(_LEDGER, request.user_id, wanted, page_of(query, scope))
    below = found.next_before
    cursor = encode_cursor(scope, {"before": str(below)}) if below else None
    return Response(
        200, {"data": [entry_document(entry) for entry in found.entries], "next_cursor": cursor}
    )


def purchases(request: Request) -> Response:
    """List the user's purchases, newest first."""
    scope = f"purchases {request.user_id}"
    found = _PURCHASES.list_by_user(request.user_id, page_of(request.parameters, scope))
    cursor = encode_cursor(scope, found.position) if found.position else None
    return Response(
        200, {"data": list(map(purchase_document, found.purchases)), "next_cursor": cursor}
    )


def purchase(request: Request) -> Response:
    """Show one of the user's purchases."""
    found = _PURCHASES.get(request.path_parameters["id"])
    if found is None or found.user_id != request.user_id:
        raise PurchaseNotFoundError
    return Response(200, purchase_document(found))


handler = api_handler(
    {
        "GET /v1/packages": packages,
        "GET /v1/purchases": purchases,
        "GET /v1/purchases/{id}": purchase,
        "GET /v1/account": account,
        "GET /v1/account/ledger": ledger,
    }
)
