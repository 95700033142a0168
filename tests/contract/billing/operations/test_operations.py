"""Billing's operations as the function has them: what is shown, what is asked, what is refused."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from billing.adapters.ledger_store import LedgerStore
from billing.adapters.purchase_store import PurchaseStore
from billing.domain.purchase import PurchaseNotFoundError
from billing.operations.acts import Acts
from billing.operations.adjusting import Adjusting
from billing.operations.looks import Looks
from kernel.errors import ValidationFailedError
from kernel.operators.log import OperatorLog, OperatorRecord
from kernel.operators.operations import Act, Look
from kernel.operators.runs import OperatorRun
from kernel.sagas import step_functions
from kernel.sagas.step_functions import StateMachine
from tests.contract.billing.operations.conftest import FIRST, call
from tests.moto_aws import create_state_machine
from tests.unit.billing.purchases.world import PURCHASE, a_purchase
from tests.unit.billing.purchases.world import USER as BUYER

Json = dict[str, Any]
EVENTS = Path(__file__).parents[4] / "events/billing_operations"
USER = "usr_00000000000000000000000001"
REQUEST = "req_00000000000000000000000001"
ENVIRONMENT = {
    "BILLING_TABLE_NAME": "Billing",
    "ALONE_LIMIT_CREDITS": "100",
    "REFUND_STATE_MACHINE_ARN": "arn:refund",
    "RECONCILIATION_STATE_MACHINE_ARN": "arn:reconciliation",
    "AUDIT_STATE_MACHINE_ARN": "arn:audit",
    "SWEEP_STATE_MACHINE_ARN": "arn:sweep",
    "SWEEP_AFTER_SECONDS": "900",
    "REPORTS_BUCKET_NAME": "reports",
}


@pytest.fixture
def handler(table: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the function's module, as a cold start loads it."""
    assert table
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return importlib.import_module("billing.operations.handler")


@pytest.fixture
def refund_machine(table: str) -> str:
    """Make a state machine in place of the refund's."""
    assert table
    return create_state_machine("refund")


@pytest.fixture
def operations(
    table: str, ledger: LedgerStore, adjusting: Adjusting, log: OperatorLog, refund_machine: str
) -> dict[str, Look | Act]:
    """Wire looks and acts."""
    refunds = OperatorRun(
        StateMachine(refund_machine), log, lambda _id, _outcome: {"outcome": "captured"}
    )
    looks = Looks(ledger, PurchaseStore(table), adjusting)
    return {**looks.operations(), **Acts(adjusting, refunds).operations()}


def shown(
    operations: dict[str, Look | Act],
    operation: str,
    **parameters: Any,  # noqa: ANN401  # any
) -> Json:
    """Carry out an operation."""
    outcome = operations[operation].run(call(operation=operation, **parameters))
    return outcome if isinstance(outcome, dict) else outcome.result


def test_every_operation_has_an_event_and_is_described(handler: ModuleType) -> None:
    """Given the wiring, the events and the module's table name the same operations."""
    wired = handler.operations(handler.Settings("Billing", 1, *["arn"] * 4, 900, "reports"), None)
    assert set(wired) == {path.stem for path in EVENTS.glob("*.json")}
    assert all(f"`{name}`" in (handler.__doc__ or "") for name in wired)


def test_an_adjusted_account_is_shown(operations: dict[str, Look | Act]) -> None:
    """Given 50 credits given by hand, account and ledger show them and why."""
    order = json.loads((EVENTS / "adjust.json").read_text())["parameters"]
    adjusted = shown(operations, "adjust", **order)
    assert shown(operations, "show_adjustment", adjustment_id=adjusted["id"]) == adjusted
    account = shown(operations, "show_account", user_id=USER)
    assert (account["balance"], account["grants"][0]["source"]) == (50, adjusted["id"])
    page = shown(operations, "show_ledger", user_id=USER)
    assert [(one["type"], one["reason"]) for one in page["entries"]] == [
        ("adjustment", "Lost by a fault of ours.")
    ]
    assert page["before"] is None


def test_a_ledger_is_shown_page_by_page(operations: dict[str, Look | Act]) -> None:
    """Given three entries, a page of two leads to the third."""
    for number in range(3):
        adjustment_id = f"adj_0000000000000000000000000{number}"
        about = {"user_id": USER, "credits": 1, "reason": "a test"}
        shown(operations, "adjust", adjustment_id=adjustment_id, **about)
    page = shown(operations, "show_ledger", user_id=USER, limit=2)
    assert [one["entry_no"] for one in page["entries"]] == [3, 2]
    rest = shown(operations, "show_ledger", user_id=USER, before=page["before"])
    assert [one["entry_no"] for one in rest["entries"]] == [1]


def test_a_purchase_is_shown_with_its_owner(table: str, operations: dict[str, Look | Act]) -> None:
    """Given a purchase, it is found by its id and in its owner's list."""
    PurchaseStore(table).create(a_purchase())
    purchase = shown(operations, "show_purchase", purchase_id=PURCHASE)
    assert (purchase["user_id"], purchase["refunds"], purchase["dispute"]) == (BUYER, [], None)
    assert shown(operations, "show_purchases", user_id=BUYER)["purchases"] == [purchase]


def test_a_purchase_that_is_not_there_is_told(operations: dict[str, Look | Act]) -> None:
    """Given an unknown id."""
    with pytest.raises(PurchaseNotFoundError):
        shown(operations, "show_purchase", purchase_id=PURCHASE)


def test_a_refund_is_started_in_the_name_that_aws_confirmed(
    operations: dict[str, Look | Act],
    refund_machine: str,
    records: Callable[[], list[OperatorRecord]],
) -> None:
    """Given a refund, the state machine gets operator and reason, under the request's id."""
    order = json.loads((EVENTS / "refund.json").read_text())["parameters"]
    assert shown(operations, "refund", **order) == {"request_id": REQUEST, "started": True}
    arn = f"{refund_machine.replace(':stateMachine:', ':execution:')}:{REQUEST}"
    given = json.loads(
        step_functions.client().call("DescribeExecution", {"executionArn": arn})["input"]
    )
    assert given == {
        "purchase_id": order["purchase_id"],
        "amount": "all",
        "operator": FIRST,
        "reason": "Bought twice by mistake.",
        "force": False,
    }
    (record,) = records()
    assert (record.outcome, record.subject, record.details["amount"]) == ("asked", REQUEST, "all")


@pytest.mark.parametrize("credits", [0, 10**12 + 1, -(10**12) - 1, 1.0, True, "5", None])
def test_l07_what_is_no_number_of_credits_is_refused(
    operations: dict[str, Look | Act], credits: object
) -> None:
    """L07: given anything but a signed integer of 1 to 10^12, nothing is adjusted."""
    order = json.loads((EVENTS / "adjust.json").read_text())["parameters"]
    with pytest.raises(ValidationFailedError):
        shown(operations, "adjust", **{**order, "credits": credits})
    assert shown(operations, "show_account", user_id=USER)["balance"] == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": ""},
        {"reason": "  "},
        {"reason": "x" * 201},
        {"user_id": "pur_00000000000000000000000001"},
        {"adjustment_id": "mine"},
        {"four_eyes": "yes"},
        {"balance": 5},
    ],
)
def test_an_adjustment_is_complete_or_refused(
    operations: dict[str, Look | Act], wrong: Json
) -> None:
    """Given a member that is wrong, missing or unknown, nothing is adjusted."""
    order = json.loads((EVENTS / "adjust.json").read_text())["parameters"]
    with pytest.raises(ValidationFailedError):
        shown(operations, "adjust", **{**order, **wrong})


@pytest.mark.parametrize("amount", [0, -1, 1.5, "some", None])
def test_a_refunds_amount_is_satang_or_all(
    operations: dict[str, Look | Act], amount: object
) -> None:
    """Given anything else, no refund is started."""
    order = json.loads((EVENTS / "refund.json").read_text())["parameters"]
    with pytest.raises(ValidationFailedError):
        shown(operations, "refund", **{**order, "amount": amount})
