"""Refunds and disputes, with DynamoDB, the sandbox and the events that it signs."""

from __future__ import annotations

import pytest

from billing.domain.charge import Card
from billing.domain.purchase import Purchase
from billing.domain.verification import findings_of
from tests.contract.billing.purchases.test_whole_way import Engine
from tests.unit.billing.purchases.world import GROWTH, PURCHASE, USER
from tests.unit.omise_sandbox.running import Gateway


@pytest.fixture
def engine(table: str, sandbox: Gateway) -> Engine:
    """Wire an engine with a completed card purchase."""
    engine = Engine(table, sandbox)
    engine.open(Card(sandbox.token(), "https://example.com/back"))
    assert engine.charge() == "completed"
    return engine


def purchase(engine: Engine) -> Purchase:
    """Return the purchase as it is stored."""
    found = engine.purchases.get(PURCHASE)
    assert found is not None
    return found


def verified_balance(engine: Engine) -> int:
    """Return the balance of a ledger that verifies."""
    entries = engine.ledger.entries(USER, before=None, limit=50)
    assert findings_of(USER, entries[::-1]) == []
    return entries[0].after.balance


def test_a_refund_at_omise_takes_its_share_once(engine: Engine) -> None:
    """Told three times of the first one, and of the second one after it."""
    engine.sandbox.post(f"/charges/{engine.charge_id}/refunds", {"amount": 4_490})
    refund = engine.webhook("refund.create")
    for _ in range(3):
        engine.deliver(refund)
    assert purchase(engine).refunded_amount == 4_490
    assert verified_balance(engine) == 495

    rest = {"amount": GROWTH.amount - 4_490}
    engine.sandbox.post(f"/charges/{engine.charge_id}/refunds", rest)
    engine.deliver(refund)  # an old notice, and still the fetched charge says what holds now
    assert purchase(engine).status == "refunded"
    assert verified_balance(engine) == 0


@pytest.mark.parametrize(
    ("verdict", "status", "balance"), [("won", "completed", 550), ("lost", "refunded", 0)]
)
def test_a_dispute_marks_and_its_end_decides(
    engine: Engine, verdict: str, status: str, balance: int
) -> None:
    """Opened, explained, closed."""
    dispute = engine.sandbox.post(f"/charges/{engine.charge_id}/disputes")
    engine.deliver(engine.webhook("dispute.create"))
    assert purchase(engine).status == "disputed"
    engine.sandbox.call("PATCH", f"/disputes/{dispute['id']}", {"message": "it was delivered"})
    engine.deliver(engine.webhook("dispute.update"))
    assert purchase(engine).status == "disputed"
    engine.sandbox.control(f"disputes/{dispute['id']}/close", {"status": verdict})
    engine.deliver(engine.webhook("dispute.close"))
    assert purchase(engine).status == status
    assert verified_balance(engine) == balance
    assert [c.status for c in purchase(engine).history][-2:] == ["disputed", status]


def test_an_accepted_dispute_is_lost(engine: Engine) -> None:
    """We gave in; the credits go."""
    dispute = engine.sandbox.post(f"/charges/{engine.charge_id}/disputes")
    engine.sandbox.call("PATCH", f"/disputes/{dispute['id']}/accept")
    engine.deliver(engine.webhook("dispute.accept"))
    assert purchase(engine).status == "refunded"
    assert verified_balance(engine) == 0
