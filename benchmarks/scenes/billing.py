"""What billing's events are about: one user with a purchase and a ledger."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from benchmarks.scenes.ledgers import CAUSE, ledger_of
from benchmarks.stub.scene import Scene
from billing.adapters.omise_charge_json import charge_of, time_text
from billing.adapters.purchase_store_items import TASK_TOKEN, partition_key, to_item
from billing.catalogue import load_packages
from billing.domain.charge import Card
from billing.domain.commands import CreditPurchase, Reserve
from billing.domain.purchase import Purchase
from billing.domain.purchase_parts import Refund, Source
from kernel.dynamodb import marshal

Json = Any
USER: Final = "usr_00000000000000000000000001"
PURCHASE: Final = "pur_00000000000000000000000001"
SHOWN_PURCHASE: Final = "pur_00000000000000000000"  # the one that the account's event asks for
CHARGE: Final = "chrg_test_5example"
REQUEST: Final = "example-request-1"
WEBHOOK_SECRET: Final = b"a secret of this benchmark alone"
_REFUNDED_SATANG: Final = 5_000
_HELD_CREDITS: Final = 50


def scene(function: str, event: str, now: datetime) -> Scene:
    """Make the world for an event of a function of billing's."""
    opened = now - timedelta(hours=1)
    purchase = _STATES.get((function, event), _pending)(opened)
    is_refund = function == "billing/refund"
    token = {"pk": partition_key(purchase.id), "sk": TASK_TOKEN, "token": "example-task-token"}
    items = [marshal(to_item(purchase)), marshal(token), *_ledger(opened, event, is_refund)]
    charge = _charge(opened, paid=event not in _UNPAID, refunded=event == "capture")
    secret = {
        "api_url": "http://127.0.0.1",  # whoever shows the scene puts the port here
        "secret_key": "skey_test_example",
        "webhook_secrets": [base64.b64encode(WEBHOOK_SECRET).decode()],
    }
    return Scene({"Billing": items}, _omise(charge), json.dumps(secret))


def _omise(charge: Json) -> Mapping[str, Json]:
    return {
        "GET /charges": {"object": "list", "data": [charge]},
        "POST /charges": charge,
        "GET /events": {"object": "list", "data": []},
        f"GET /charges/{CHARGE}": charge,
        f"GET /charges/{CHARGE}/refunds": {"object": "list", **charge["refunds"]},
        f"POST /charges/{CHARGE}/refunds": {"object": "refund"},
        f"POST /charges/{CHARGE}/expire": charge,
    }


def _charge(created_at: datetime, *, paid: bool, refunded: bool) -> Json:
    refund = {"object": "refund", "metadata": {"request_id": REQUEST}}
    return {
        "object": "charge",
        "id": CHARGE,
        "status": "successful" if paid else "pending",
        "paid": paid,
        "amount": 9_900,
        "currency": "THB",
        "livemode": False,
        "created_at": time_text(created_at),
        "expires_at": time_text(created_at + timedelta(days=1)),
        "metadata": {"purchase_id": PURCHASE, "user_id": USER, "attempt": 1},
        "refunded_amount": _REFUNDED_SATANG if refunded else 0,
        "refunds": {"data": [refund] if refunded else []},
    }


def _ledger(now: datetime, event: str, is_refund: bool) -> list[Json]:  # noqa: FBT001  # one of two
    package = load_packages("local")["starter"]
    bought = CreditPurchase(package.credits, package.bonus_credits, None, CAUSE)
    is_held = is_refund and event != "reserve"
    held = [Reserve(REQUEST, _HELD_CREDITS, CAUSE, (1,))] if is_held else []
    return ledger_of(USER, [bought, *held], now)


def _opened(now: datetime, card: Card | None = None) -> Purchase:
    return Purchase.opened(
        purchase_id=PURCHASE,
        user_id=USER,
        fingerprint="00" * 32,
        correlation_id="example-correlation-1",
        package=load_packages("local")["starter"],
        card=card,
        now=now,
    )


def _attempted(now: datetime) -> Purchase:
    return _opened(now).attempt_started(now)


def _pending(now: datetime) -> Purchase:
    charge = charge_of(_charge(now, paid=False, refunded=False))
    return _attempted(now).with_charge(charge, None, now)


def _shown(now: datetime) -> Purchase:
    return replace(_pending(now), id=SHOWN_PURCHASE)


def _by_card(now: datetime) -> Purchase:
    opened = _opened(now, Card("tokn_test_5example", "https://example.com/back"))
    charge = charge_of(_charge(now, paid=True, refunded=False))
    charged = opened.attempt_started(now).with_charge(charge, None, now)
    return charged.completed(Source.SAGA, now).with_grants((1,))


def _with_refund(now: datetime) -> Purchase:
    refund = Refund(
        REQUEST, _REFUNDED_SATANG, _HELD_CREDITS, "someone@example.com", "A benchmark.", now
    )
    return _by_card(now).with_refund(refund, now)


def _with_asked_refund(now: datetime) -> Purchase:
    purchase = _with_refund(now)
    (refund,) = purchase.refunds
    return purchase.with_refund(replace(refund, attempts=1, attempted_at=now), now)


_STATES: Final[Mapping[tuple[str, str], Callable[[datetime], Purchase]]] = {
    ("billing/account", "purchase"): _shown,
    ("billing/saga", "create_charge"): _opened,
    ("billing/saga", "find_charge"): _attempted,
    ("billing/sweeper", "purchases"): _by_card,
    ("billing/refund", "reserve"): _by_card,
    ("billing/refund", "refund"): _with_refund,
    ("billing/refund", "find_refund"): _with_asked_refund,
    ("billing/refund", "capture"): _with_asked_refund,
    ("billing/refund", "release"): _with_refund,
}
_UNPAID: Final = frozenset({"create_charge", "find_charge", "await_payment"})
