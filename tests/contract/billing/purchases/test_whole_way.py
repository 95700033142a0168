"""A purchase from the first call to its credits, with DynamoDB, the sandbox and its webhooks."""

from __future__ import annotations

import base64
import time
from datetime import timedelta

import pytest

from billing.adapters.ledger_store import LedgerStore
from billing.adapters.omise_charges import OmiseCharges
from billing.adapters.purchase_store import PurchaseStore
from billing.adapters.secrets import OmiseSecretReader, OmiseSecrets
from billing.domain.charge import Card
from billing.domain.purchase import Purchase
from billing.saga.awaiting import Awaiting
from billing.saga.charging import Charging
from billing.settlement import Settlement
from billing.webhook.receiving import Receiving
from kernel.clock import now
from kernel.errors import TemporarilyUnavailableError
from tests.patience import be_brief
from tests.unit.billing.purchases.world import GROWTH, PURCHASE, USER
from tests.unit.omise_sandbox.running import (
    SECRET_KEY,
    TIMEOUT_SECONDS,
    WEBHOOK_SECRET,
    Gateway,
    ReceivedWebhook,
)

WINDOW = timedelta(minutes=30)
CREATE_FAULTS = [
    "timeout_before",
    "timeout_after",
    "error_before",
    "error_after",
    "drop_connection_before",
    "drop_connection_after",
    "html_502_after",
]


class KnownSecrets(OmiseSecretReader):
    """The sandbox's keys."""

    def __init__(self, url: str) -> None:
        webhook_secrets = (base64.b64decode(WEBHOOK_SECRET),)
        self._known = OmiseSecrets(f"{url}/", SECRET_KEY, webhook_secrets)

    def current(self) -> OmiseSecrets:
        """Return them."""
        return self._known

    def refreshed(self) -> OmiseSecrets:
        """Return them."""
        return self._known


class Engine:
    """Billing's saga and webhook, wired as their handlers wire them."""

    def __init__(self, table: str, sandbox: Gateway) -> None:
        self.sandbox = sandbox
        self.purchases = PurchaseStore(table)
        self.ledger = LedgerStore(table)
        settlement = Settlement(self.ledger, self.purchases)
        secrets = KnownSecrets(sandbox.url)
        charges = OmiseCharges(secrets.current)
        self.signals: list[tuple[str, str]] = []
        self.charging = Charging(self.purchases, charges, settlement, WINDOW)
        self.awaiting = Awaiting(self.purchases, charges, settlement, self.signal)
        self.receiving = Receiving(secrets, charges, self.purchases, settlement, self.signal)

    def signal(self, token: str, outcome: str) -> None:
        """Remember what sagas are told."""
        self.signals.append((token, outcome))

    def open(self, card: Card | None = None) -> None:
        """Store the purchase."""
        self.purchases.create(
            Purchase.opened(
                purchase_id=PURCHASE,
                user_id=USER,
                fingerprint="00" * 32,
                correlation_id="cor-1",
                package=GROWTH,
                card=card,
                now=now(),
            )
        )

    def charge(self) -> str:
        """Walk the saga until there is a charge, or the end."""
        outcome = str(self.charging.create_charge(PURCHASE, now()))
        for look in (1, 2, 3):
            if outcome not in {"unknown", "absent"}:
                break
            outcome = str(self.charging.find_charge(PURCHASE, look, now()))
        return self.charge() if outcome == "retry" else outcome

    @property
    def charge_id(self) -> str:
        """The charge that the purchase waits for."""
        purchase = self.purchases.get(PURCHASE)
        assert purchase is not None
        assert purchase.payment is not None
        return purchase.payment.charge_id

    def webhook(self, key: str) -> ReceivedWebhook:
        """Return an event of this kind as Omise delivered it."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            for webhook in self.sandbox.merchant.received:
                if webhook.key == key:
                    return webhook
            time.sleep(0.01)
        pytest.fail(f"no {key} came")

    def deliver(self, webhook: ReceivedWebhook) -> None:
        """Hand a delivery to the webhook function."""
        headers = {name.lower(): value for name, value in webhook.headers.items()}
        self.receiving.receive(webhook.body, headers, now())


@pytest.fixture
def engine(table: str, sandbox: Gateway, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Wire an engine that does not wait long."""
    monkeypatch.setattr("billing.adapters.omise_charges._CAP_SECONDS", 0.01)
    return Engine(table, sandbox)


def test_w06_a_paid_qr_code_is_credited_by_the_webhook_that_omise_signed(engine: Engine) -> None:
    """And delivered again, it credits nothing more."""
    engine.open()
    assert engine.charge() == "pending"
    engine.awaiting.await_payment(PURCHASE, "token-1")
    engine.sandbox.post(f"/charges/{engine.charge_id}/mark_as_paid")
    webhook = engine.webhook("charge.complete")
    for _ in range(3):
        engine.deliver(webhook)
    assert engine.ledger.account(USER).balance == 550
    assert engine.signals == [("token-1", "completed")]


def test_w08_a_webhook_before_the_payment_credits_nothing(engine: Engine) -> None:
    """The charge was created, and that is all."""
    engine.open()
    engine.charge()
    engine.deliver(engine.webhook("charge.create"))
    assert engine.ledger.account(USER).balance == 0


def test_a_card_is_settled_without_any_webhook(engine: Engine) -> None:
    """Omise's answer to the charge says it all."""
    engine.open(Card(engine.sandbox.token(), "https://example.com/back"))
    assert engine.charge() == "completed"
    assert engine.ledger.account(USER).balance == 550


@pytest.mark.parametrize("method", ["promptpay", "card"])
@pytest.mark.parametrize("fault", CREATE_FAULTS)
def test_i06_s05_whatever_goes_wrong_there_is_one_charge(
    engine: Engine, method: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lost before or after, it is found or made, and there is exactly one."""
    be_brief(monkeypatch, fault)
    token = engine.sandbox.token() if method == "card" else None
    engine.open(Card(token, "https://example.com/back") if token else None)
    engine.sandbox.fault(fault, "create_charge", status=500)
    assert engine.charge() == {"promptpay": "pending", "card": "completed"}[method]
    charges = engine.sandbox.get("/charges")["data"]
    assert isinstance(charges, list)
    assert len(charges) == 1
    assert engine.ledger.account(USER).balance == (550 if token else 0)


@pytest.mark.parametrize("operation", ["retrieve_charge", "expire_charge"])
@pytest.mark.parametrize("fault", ["timeout_before", "error_before", "error_after", "html_502"])
def test_w10_whatever_goes_wrong_while_looking_is_healed_by_the_next_look(
    engine: Engine, operation: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The charge is unpaid and its time is over: it expires here and there."""
    be_brief(monkeypatch, fault)
    engine.open()
    engine.charge()
    engine.sandbox.fault(fault, operation, times=2, status=503)
    for _ in range(4):
        try:
            outcome = engine.awaiting.reconcile(PURCHASE, now() + WINDOW)
        except TemporarilyUnavailableError:
            continue
    assert outcome == "expired"
    assert engine.sandbox.get(f"/charges/{engine.charge_id}")["status"] == "expired"
    assert engine.ledger.account(USER).balance == 0
