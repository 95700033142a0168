"""What operators can do about disputes, with DynamoDB and the sandbox."""

from __future__ import annotations

import importlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from billing.adapters.omise_disputes import OmiseDisputes
from billing.dispute.answering import (
    DisputeDecidedError,
    Disputes,
    NotDisputedError,
    ProviderRefusedError,
)
from billing.domain.charge import Card
from billing.domain.purchase import PurchaseNotFoundError
from kernel.errors import ValidationFailedError
from kernel.operators.log import OperatorLog
from kernel.operators.operations import Call
from tests.contract.billing.purchases.test_whole_way import Engine, KnownSecrets
from tests.unit.billing.purchases.world import PURCHASE
from tests.unit.omise_sandbox.running import Gateway

Json = dict[str, Any]
EVENTS = Path(__file__).parents[4] / "events/billing_dispute"
MESSAGE = {"purchase_id": PURCHASE, "message": "The credits were spent on 12 runs."}
REASON = {"purchase_id": PURCHASE, "reason": "The card was stolen."}


@pytest.fixture
def engine(table: str, sandbox: Gateway) -> Engine:
    """Wire an engine with a completed card purchase."""
    engine = Engine(table, sandbox)
    engine.open(Card(sandbox.token(), "https://example.com/back"))
    assert engine.charge() == "completed"
    return engine


@pytest.fixture
def log(table: str) -> OperatorLog:
    """Keep the operators' log."""
    return OperatorLog(table)


@pytest.fixture
def disputes(engine: Engine, log: OperatorLog) -> Disputes:
    """Wire the operations on disputes."""
    omise = OmiseDisputes(KnownSecrets(engine.sandbox.url).current)
    return Disputes(engine.purchases, omise, log)


def asked(disputes: Disputes, operation: str, parameters: Json) -> Json:
    """Carry out an operation."""
    call = Call(operation, "arn:operator", datetime.now(UTC), f"cor-{operation}", parameters)
    outcome = disputes.operations()[operation].run(call)
    return outcome if isinstance(outcome, dict) else outcome.result


def given_dispute(engine: Engine) -> str:
    """Have the payer dispute the charge, and give the dispute's id."""
    dispute = engine.sandbox.post(f"/charges/{engine.charge_id}/disputes")
    engine.deliver(engine.webhook("dispute.create"))
    return str(dispute["id"])


def outcomes(log: OperatorLog) -> list[str]:
    """Return what was recorded."""
    month = datetime.now(UTC).strftime("%Y-%m")
    return sorted(record.outcome for record in log.month(month, None, 100).records)


def test_a_dispute_is_shown_as_omise_keeps_it(engine: Engine, disputes: Disputes) -> None:
    """Given a dispute, its amount, reason and state come from Omise."""
    dispute_id = given_dispute(engine)
    shown = asked(disputes, "show_dispute", {"purchase_id": PURCHASE})
    assert (shown["id"], shown["status"], shown["amount"]) == (dispute_id, "open", 44_900)
    assert shown["reason_code"] == "goods_or_services_not_provided"


def test_an_answer_reaches_omise_and_is_recorded(
    engine: Engine, disputes: Disputes, log: OperatorLog
) -> None:
    """Given a message, Omise has it, the dispute is pending, and both steps are on record."""
    dispute_id = given_dispute(engine)
    assert asked(disputes, "answer_dispute", MESSAGE)["status"] == "pending"
    assert engine.sandbox.get(f"/disputes/{dispute_id}")["message"] == MESSAGE["message"]
    assert outcomes(log) == ["asked", "done"]


def test_an_accepted_dispute_takes_the_credits(engine: Engine, disputes: Disputes) -> None:
    """Given acceptance, the dispute is lost, and its webhook takes the credits back."""
    given_dispute(engine)
    assert asked(disputes, "accept_dispute", REASON)["status"] == "lost"
    engine.deliver(engine.webhook("dispute.accept"))
    purchase = engine.purchases.get(PURCHASE)
    assert purchase is not None
    assert (purchase.status, engine.ledger.account(purchase.user_id).balance) == ("refunded", 0)


def test_a_decided_dispute_is_left_alone(engine: Engine, disputes: Disputes) -> None:
    """Given a decision, neither an answer nor acceptance is sent."""
    dispute_id = given_dispute(engine)
    engine.sandbox.control(f"disputes/{dispute_id}/close", {"status": "won"})
    for operation, parameters in (("answer_dispute", MESSAGE), ("accept_dispute", REASON)):
        with pytest.raises(DisputeDecidedError):
            asked(disputes, operation, parameters)


def test_what_nobody_disputes_cannot_be_answered(disputes: Disputes) -> None:
    """Given a purchase without a dispute, or none, it is told."""
    with pytest.raises(NotDisputedError):
        asked(disputes, "answer_dispute", MESSAGE)
    unknown = {**MESSAGE, "purchase_id": "pur_00000000000000000000000009"}
    with pytest.raises(PurchaseNotFoundError):
        asked(disputes, "answer_dispute", unknown)


def test_omises_refusal_is_told(
    engine: Engine, disputes: Disputes, log: OperatorLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a dispute that is decided just then, Omise's refusal comes through, by its code."""
    dispute_id = given_dispute(engine)
    real = disputes._omise.get

    def decided_after(wanted: str) -> Any:  # noqa: ANN401  # whatever it is
        found = real(wanted)
        engine.sandbox.control(f"disputes/{dispute_id}/close", {"status": "lost"})
        return found

    monkeypatch.setattr(disputes._omise, "get", decided_after)
    with pytest.raises(ProviderRefusedError, match="bad_request"):
        asked(disputes, "answer_dispute", MESSAGE)
    assert outcomes(log) == ["asked"]


@pytest.mark.parametrize("message", ["", "  ", "x" * 2_001, None])
def test_an_answer_says_something(disputes: Disputes, message: object) -> None:
    """Given nothing to say, or too much, it is refused before anything is sent."""
    with pytest.raises(ValidationFailedError):
        asked(disputes, "answer_dispute", {**MESSAGE, "message": message})


def test_every_operation_has_an_event_and_is_described(
    disputes: Disputes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given the wiring, the events and the module's table name the same operations."""
    monkeypatch.setenv("BILLING_TABLE_NAME", "Billing")
    monkeypatch.setenv("OMISE_SECRET_ARN", "omise")
    module = importlib.import_module("billing.dispute.handler")
    assert set(disputes.operations()) == {path.stem for path in EVENTS.glob("*.json")}
    for name in disputes.operations():
        assert f"`{name}`" in (module.__doc__ or "")
        assert json.loads((EVENTS / f"{name}.json").read_text())["operation"] == name
