"""Webhooks lost, late, doubled and forged, on the deployed stack."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
import requests

from tests.e2e.session import Session

pytestmark = pytest.mark.e2e
Json = dict[str, Any]
CHALLENGED_CARD = "5454" * 4


def post(user: Session, event: Json, *, signed: bool = True) -> requests.Response:
    """Send an event to the webhook, signed as only Omise can unless said otherwise."""
    body = json.dumps(event).encode()
    headers = {"Content-Type": "application/json"}
    if signed:
        timestamp = str(int(time.time()))
        key = base64.b64decode(user.stack.webhook_secret)
        mac = hmac.new(key, f"{timestamp}.".encode() + body, hashlib.sha256)
        headers |= {
            "Omise-Signature": mac.hexdigest(),
            "Omise-Signature-Timestamp": timestamp,
        }
    return requests.post(user.stack.webhook_url, data=body, headers=headers, timeout=30)


def complete_event(charge: Json) -> Json:
    """Return the event that says that a charge is complete."""
    return {"object": "event", "id": "evnt_test_1", "key": "charge.complete", "data": charge}


def code_of(response: requests.Response) -> tuple[int, str]:
    """Return status and error code of a refused event."""
    return response.status_code, response.json()["code"]


def test_w01_one_event_a_thousand_times_credits_once(user: Session) -> None:
    """W01: the same signed event, 1,000 times, many at once: one set of credits."""
    paid = user.buy_credits("starter")
    events = user.omise("GET", "/events?limit=100&order=reverse_chronological")["data"]
    event = next(
        e
        for e in events
        if e["data"]["id"] == paid["payment"]["charge_id"] and e["key"] == "charge.complete"
    )
    for _ in range(4):
        user.sandbox("POST", "/webhooks/redeliver", {"event": event["id"], "times": 250})
    log = user.sandbox("GET", f"/webhooks?event={event['id']}&limit=1000")
    assert log["total"] >= 1_000
    assert [e["type"] for e in user.engine.ledger()] == ["purchase"]
    assert user.engine.account()["balance"] == paid["credits"]


def test_w07_a_real_cheap_charge_in_a_forged_body_credits_nothing(user: Session) -> None:
    """W07: paid 99 baht, and the body says that it was for the dear package."""
    dear = user.purchase_with_charge("scale")
    cheap = user.buy_credits("starter")
    charge = user.omise("GET", f"/charges/{cheap['payment']['charge_id']}")
    forged = {
        **charge,
        "amount": dear["amount"],
        "metadata": {"purchase_id": dear["id"], "user_id": user.user_id},
    }
    assert post(user, complete_event(forged)).status_code == 200
    assert user.engine.purchase(dear["id"])["status"] == "pending"
    assert user.engine.account()["balance"] == cheap["credits"]


def test_w07_a_charge_whose_metadata_was_changed_at_omise_credits_nothing(user: Session) -> None:
    """W07: whoever holds the key renames a paid cheap charge; the amount gives it away."""
    dear = user.purchase_with_charge("scale")
    terms = {"amount": 2_000, "currency": "thb", "source": {"type": "promptpay"}}
    names = {"purchase_id": dear["id"], "user_id": user.user_id}
    cheap = user.omise("POST", "/charges", {**terms, "metadata": names})
    user.omise("POST", f"/charges/{cheap['id']}/mark_as_paid")
    assert code_of(post(user, complete_event(cheap))) == (401, "webhook_rejected")
    assert user.engine.account()["balance"] == 0


def test_w07_another_users_purchase_cannot_be_paid_for(user: Session) -> None:
    """W07: the right amount, and the wrong user in the metadata."""
    mine = user.purchase_with_charge("starter")
    terms = {"amount": mine["amount"], "currency": "thb", "source": {"type": "promptpay"}}
    names = {"purchase_id": mine["id"], "user_id": "usr_00000000000000000000000000"}
    other = user.omise("POST", "/charges", {**terms, "metadata": names})
    user.omise("POST", f"/charges/{other['id']}/mark_as_paid")
    assert code_of(post(user, complete_event(other))) == (401, "webhook_rejected")
    assert user.engine.account()["balance"] == 0


def test_w02_w07_made_up_events_are_rejected(user: Session) -> None:
    """Unsigned, of a charge that there is not, and of what is no charge at all."""
    purchase = user.purchase_with_charge("starter")
    charge = {"object": "charge", "id": purchase["payment"]["charge_id"], "status": "successful"}
    assert code_of(post(user, complete_event(charge), signed=False)) == (401, "webhook_rejected")
    for made_up in ("chrg_test_madeup", "chrg_test_1/../../customers", "", None):
        event = complete_event({**charge, "id": made_up})
        assert code_of(post(user, event)) == (401, "webhook_rejected")
    # Rightly signed, and the real charge simply is not paid.
    assert post(user, complete_event({**charge, "paid": True})).status_code == 200
    assert user.engine.purchase(purchase["id"])["status"] == "pending"
    assert user.engine.account()["balance"] == 0


def test_w11_coming_back_from_the_bank_credits_nothing(user: Session) -> None:
    """W11: only what Omise confirms counts, not where the browser was sent to."""
    user.sandbox("PUT", "/settings", {"three_d_secure": "always"})
    try:
        purchase = user.buy_by_card("starter")
    finally:
        user.sandbox("PUT", "/settings", {"three_d_secure": "by_card"})
    assert purchase["payment"]["authorize_uri"]
    returned_to = f"{user.stack.console_url}?purchase={purchase['id']}&status=successful"
    requests.get(returned_to, timeout=10)
    assert user.engine.purchase(purchase["id"])["status"] == "pending"
    assert user.engine.account()["balance"] == 0


def test_w12_without_any_webhook_the_reconciler_credits(user: Session) -> None:
    """W12: nobody tells; the saga asks."""
    purchase = user.purchase_with_charge("starter")
    user.sandbox("POST", "/webhook_faults", {"fault": "drop", "event_key": "charge.complete"})
    paid = user.pay(purchase)
    assert paid["history"][-1]["source"] == "reconciler"
    assert user.engine.account()["balance"] == paid["credits"]


def test_w08_money_that_comes_after_the_expiry_still_credits(user: Session) -> None:
    """W08: expired here and at Omise, and then the bank confirms the transfer."""
    purchase = user.purchase_with_charge("starter")
    charge_id = purchase["payment"]["charge_id"]
    user.omise("POST", f"/charges/{charge_id}/expire")
    user.until_status(purchase, "expired")
    user.sandbox("POST", f"/charges/{charge_id}/pay", {"late": True})
    paid = user.until_status(purchase, "completed")
    assert [step["status"] for step in paid["history"]] == ["pending", "expired", "completed"]
    assert paid["history"][-1]["source"] == "webhook"
    assert user.engine.account()["balance"] == paid["credits"]


@pytest.mark.parametrize(
    ("operation", "fault"),
    [
        ("create_charge", "drop_connection_before"),
        ("create_charge", "drop_connection_after"),
        ("create_charge", "error_after"),
        ("create_charge", "too_many_requests"),
        ("create_charge", "html_502_after"),
        ("retrieve_charge", "error_before"),
    ],
)
def test_s05_i06_a_fault_of_omise_makes_no_second_charge(
    user: Session, operation: str, fault: str
) -> None:
    """S05, I06: whatever goes wrong, one charge, one payment, one set of credits."""
    user.sandbox("POST", "/faults", {"fault": fault, "operation": operation})
    paid = user.buy_credits("starter")
    assert len(user.charges_of(paid)) == 1
    assert user.engine.account()["balance"] == paid["credits"]


@pytest.mark.parametrize("fault", ["double", "late", "reorder", "bad_signature"])
def test_w08_a_fault_of_the_webhook_costs_nobody_anything(user: Session, fault: str) -> None:
    """W08: doubled, late, reordered, wrongly signed: one set of credits."""
    purchase = user.purchase_with_charge("starter")
    kind = {"fault": fault, "event_key": "charge.complete", "delay_ms": 1_000}
    user.sandbox("POST", "/webhook_faults", kind)
    paid = user.pay(purchase)
    assert user.engine.account()["balance"] == paid["credits"]
    assert [entry["type"] for entry in user.engine.ledger()] == ["purchase"]
