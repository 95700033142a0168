"""Refunds, disputes and lost webhooks, on the deployed stack."""

from __future__ import annotations

from typing import Any

import pytest

from local.stack_file import StackFile
from tests.e2e.aws import Operator
from tests.e2e.session import Session

pytestmark = pytest.mark.e2e
Json = dict[str, Any]


@pytest.fixture
def operator(stack: StackFile) -> Operator:
    """Be the operator."""
    return Operator(stack)


def statuses(purchase: Json) -> list[str]:
    """Return a purchase's history."""
    return [step["status"] for step in purchase["history"]]


def refunded(user: Session, purchase: Json, amount: int) -> Json:
    """Wait until a purchase shows this much refunded."""
    return user.until(
        lambda: user.engine.purchase(purchase["id"]), lambda p: p["refunded_amount"] == amount
    )


def test_refunds_at_omise_take_their_share_and_in_the_end_all(user: Session) -> None:
    """Two partial refunds and the rest, each told by a webhook."""
    purchase = user.completed_by_card()
    refunds = f"/charges/{purchase['payment']['charge_id']}/refunds"
    total = purchase["credits"] + purchase["bonus_credits"]
    returned = 0
    for amount in (1_111, 2_222, purchase["amount"] - 3_333):
        user.omise("POST", refunds, {"amount": amount})
        returned += amount
        refunded(user, purchase, returned)
        expected = total - total * returned // purchase["amount"]
        assert user.engine.account()["balance"] == expected
    assert statuses(user.engine.purchase(purchase["id"])) == ["pending", "completed", "refunded"]
    assert user.engine.account()["debt"] == 0


@pytest.mark.parametrize(("verdict", "end"), [("won", "completed"), ("lost", "refunded")])
def test_a_dispute_is_marked_and_decided(user: Session, verdict: str, end: str) -> None:
    """Won restores, lost takes the credits."""
    purchase = user.completed_by_card()
    charge_id = purchase["payment"]["charge_id"]
    dispute = user.omise("POST", f"/charges/{charge_id}/disputes")
    user.until_status(purchase, "disputed")
    user.sandbox("POST", f"/disputes/{dispute['id']}/close", {"status": verdict})
    closed = user.until_status(purchase, end)
    assert statuses(closed) == ["pending", "completed", "disputed", end]
    assert user.engine.account()["balance"] == (550 if verdict == "won" else 0)


def test_an_operators_refund_and_its_webhook_take_once(user: Session, operator: Operator) -> None:
    """Reserved, refunded, captured; the webhook of the very refund changes nothing more."""
    purchase = user.completed_by_card()
    assert operator.refund(purchase, 4_490) == {"outcome": "captured", "reason": None}
    refunded(user, purchase, 4_490)
    account = user.engine.account()
    assert (account["balance"], account["held"], account["debt"]) == (495, 0, 0)
    assert operator.refund(purchase)["outcome"] == "captured"
    account = user.engine.account()
    assert (account["balance"], account["held"], account["debt"]) == (0, 0, 0)
    assert user.engine.purchase(purchase["id"])["status"] == "refunded"


@pytest.mark.parametrize("fault", ["drop_connection_after", "error_after", "error_before"])
def test_an_operators_refund_survives_a_lost_answer(
    user: Session, operator: Operator, fault: str
) -> None:
    """One refund at Omise, whether the first attempt made it or not."""
    purchase = user.completed_by_card()
    user.sandbox("POST", "/faults", {"fault": fault, "operation": "create_refund"})
    assert operator.refund(purchase, 4_490)["outcome"] == "captured"
    charge = user.omise("GET", f"/charges/{purchase['payment']['charge_id']}")
    assert charge["refunded_amount"] == 4_490
    assert user.engine.account()["balance"] == 495


def test_what_cannot_be_refunded_is_refused_with_a_reason(
    user: Session, operator: Operator
) -> None:
    """PromptPay through Omise; and what is no order."""
    purchase = user.buy_credits("starter")
    assert operator.refund(purchase) == {"outcome": "refused", "reason": "promptpay"}
    assert operator.refund(purchase, -5) == {"outcome": "refused", "reason": "invalid_request"}
    assert user.engine.account()["held"] == 0


def test_the_reconciliation_heals_what_no_webhook_told(user: Session, operator: Operator) -> None:
    """A dropped refund notice: found, healed, reported; the next report has nothing of it."""
    purchase = user.completed_by_card()
    charge_id = purchase["payment"]["charge_id"]
    user.sandbox("POST", "/webhook_faults", {"fault": "drop", "event_key": "refund.create"})
    user.omise("POST", f"/charges/{charge_id}/refunds", {"amount": 4_490})
    mine = [one for one in operator.reconcile() if one["charge_id"] == charge_id]
    assert [(one["kind"], one["is_healed"]) for one in mine] == [("return_not_recorded", True)]
    assert user.engine.account()["balance"] == 495
    assert not [one for one in operator.reconcile() if one["charge_id"] == charge_id]
