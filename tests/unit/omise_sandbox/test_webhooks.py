"""Webhooks: signed, logged, sent once and in order, unless a fault says otherwise."""

import base64
import hashlib
import hmac
import time

import pytest
from aiohttp import test_utils

from tests.unit.omise_sandbox.running import (
    CHALLENGED_CARD,
    WEBHOOK_SECRET,
    Background,
    Gateway,
    ReceivedWebhook,
    serve_gateway,
)


def expected_signature(webhook: ReceivedWebhook, secret: str) -> str:
    """Compute a signature the way that Omise's documentation says, apart from the sandbox."""
    timestamp = webhook.headers["Omise-Signature-Timestamp"]
    message = f"{timestamp}.".encode() + webhook.body
    return hmac.digest(base64.b64decode(secret), message, hashlib.sha256).hex()


def test_a_webhook_carries_the_charge_as_it_was(gateway: Gateway) -> None:
    """Given a PromptPay payment, then two events tell of it, each with the charge of its time."""
    charge = gateway.promptpay_charge(metadata={"purchase": "pur_1"})
    gateway.post(f"/charges/{charge['id']}/mark_as_paid")
    gateway.deliveries(2)

    created, completed = gateway.merchant.received

    assert (created.key, completed.key) == ("charge.create", "charge.complete")
    assert created.event["object"] == "event"
    assert str(created.event["id"]).startswith("evnt_test_")
    assert created.event["livemode"] is False
    assert created.event["data"] == charge
    data = completed.event["data"]
    assert isinstance(data, dict)
    assert (data["id"], data["status"], data["paid"]) == (charge["id"], "successful", True)


def test_a_webhook_is_signed_over_its_raw_bytes(gateway: Gateway) -> None:
    """Given a webhook secret, then the signature is the documented HMAC and the time is now."""
    gateway.card_charge()
    gateway.deliveries(1)

    (webhook,) = gateway.merchant.received

    assert webhook.headers["Omise-Signature"] == expected_signature(webhook, WEBHOOK_SECRET)
    assert abs(int(webhook.headers["Omise-Signature-Timestamp"]) - time.time()) < 60
    assert webhook.headers["Content-Type"] == "application/json"


def test_without_a_secret_webhooks_are_unsigned(background: Background) -> None:
    """Given an account that has no webhook secret yet, then there are no signature headers."""
    gateway = serve_gateway(background, webhook_secret=None)
    gateway.card_charge()
    gateway.deliveries(1)

    headers = gateway.merchant.received[0].headers
    assert not {"Omise-Signature", "Omise-Signature-Timestamp"} & headers.keys()


def test_the_signature_does_not_follow_the_moved_clock(gateway: Gateway) -> None:
    """Given a clock moved by days, then receivers still see a fresh timestamp."""
    gateway.control("clock", {"advance_seconds": 3 * 24 * 3600})
    gateway.card_charge()
    gateway.deliveries(1)

    timestamp = int(gateway.merchant.received[0].headers["Omise-Signature-Timestamp"])
    assert abs(timestamp - time.time()) < 60


def test_a_rotation_signs_with_both_secrets_for_a_day(gateway: Gateway) -> None:
    """Given a rotated secret, then there are two signatures; a day later only the new one."""
    fresh, old = gateway.control("webhook_secret/rotate").json()["webhook_secrets"]
    gateway.card_charge()
    gateway.deliveries(1)
    gateway.control("clock", {"advance_seconds": 24 * 3600})
    gateway.card_charge()
    gateway.deliveries(2)

    during, after = gateway.merchant.received

    assert old == WEBHOOK_SECRET
    both = [expected_signature(during, fresh), expected_signature(during, old)]
    assert during.headers["Omise-Signature"].split(",") == both
    assert after.headers["Omise-Signature"] == expected_signature(after, fresh)


def test_a_card_charged_at_once_makes_no_complete_event(gateway: Gateway) -> None:
    """Given a charge that never was pending, then ``charge.create`` tells its outcome alone."""
    gateway.card_charge()
    gateway.deliveries(1)

    (webhook,) = gateway.merchant.received
    data = webhook.event["data"]
    assert isinstance(data, dict)
    assert (webhook.key, data["status"]) == ("charge.create", "successful")


@pytest.mark.parametrize(
    ("action", "key", "status"),
    [
        ("mark_as_failed", "charge.complete", "failed"),
        ("expire", "charge.expire", "expired"),
    ],
)
def test_the_end_of_a_pending_charge_is_told(
    gateway: Gateway, action: str, key: str, status: str
) -> None:
    """Given a charge that fails or expires, then the event says so; there is no charge.failed."""
    charge = gateway.promptpay_charge()
    gateway.post(f"/charges/{charge['id']}/{action}")
    gateway.deliveries(2)

    last = gateway.merchant.received[-1]
    data = last.event["data"]
    assert isinstance(data, dict)
    assert (last.key, data["status"]) == (key, status)


def test_holds_refunds_and_disputes_are_told(gateway: Gateway) -> None:
    """Given what can happen to card charges, then each has its event."""
    held, paid = gateway.card_charge(capture=False), gateway.card_charge(capture=False)
    gateway.post(f"/charges/{held['id']}/reverse")
    gateway.post(f"/charges/{paid['id']}/capture")
    gateway.post(f"/charges/{paid['id']}/refunds", {"amount": 2_000})
    gateway.call("PATCH", f"/charges/{paid['id']}", {"description": "new"})
    dispute = gateway.control("disputes", {"charge": paid["id"]}).json()
    gateway.call("PATCH", f"/disputes/{dispute['id']}", {"message": "no"})
    gateway.control(f"disputes/{dispute['id']}/close", {"status": "lost"})
    gateway.deliveries(9)

    log = gateway.control(f"webhooks?charge={paid['id']}", method="GET").json()["data"]

    assert [entry["event_key"] for entry in log] == [
        "charge.create",
        "charge.capture",
        "refund.create",
        "charge.update",
        "dispute.create",
        "dispute.update",
        "dispute.close",
    ]
    assert "charge.reverse" in gateway.merchant.keys()  # noqa: SIM118 - the merchant's method


def test_an_accepted_dispute_is_told(gateway: Gateway) -> None:
    """Given a dispute that the merchant accepts, then ``dispute.accept``."""
    dispute = gateway.post(f"/charges/{gateway.card_charge()['id']}/disputes")
    gateway.call("PATCH", f"/disputes/{dispute['id']}/accept")

    assert gateway.deliveries(3)[-1]["event_key"] == "dispute.accept"


def test_a_charge_may_have_its_own_endpoints(gateway: Gateway) -> None:
    """Given ``webhook_endpoints``, then they get the events and the account's endpoint does not."""
    base = str(gateway.get("/account")["webhook_uri"]).removesuffix("/webhooks")
    gateway.promptpay_charge(webhook_endpoints=[f"{base}/one", f"{base}/two"])

    endpoints = {entry["endpoint"] for entry in gateway.deliveries(2)}

    assert endpoints == {f"{base}/one", f"{base}/two"}


def test_the_accounts_endpoint_can_be_moved_or_removed(gateway: Gateway) -> None:
    """Given another endpoint for the account, then events go there; given none, nowhere."""
    moved = str(gateway.get("/account")["webhook_uri"]) + "/moved"
    gateway.control("settings", {"webhook_url": moved}, "PUT")
    gateway.card_charge()
    assert gateway.deliveries(1)[0]["endpoint"] == moved

    gateway.control("settings", {"webhook_url": ""}, "PUT")
    gateway.card_charge()

    assert gateway.get("/events")["total"] == 2
    assert gateway.get("/account")["webhook_uri"] is None
    gateway.deliveries(1)


def test_a_bad_question_to_the_log_is_refused(gateway: Gateway) -> None:
    """Given a limit out of bounds, then 400."""
    assert gateway.control("webhooks?limit=1001", method="GET").status_code == 400


def test_the_log_keeps_what_the_merchant_answered(gateway: Gateway) -> None:
    """Given an endpoint that refuses, then status and body are kept and nothing is sent again."""
    gateway.merchant.status = 503
    gateway.card_charge()

    (entry,) = gateway.deliveries(1)

    assert (entry["outcome"], entry["status"]) == ("refused", 503)
    assert entry["response_body"] == "merchant's answer"
    assert len(gateway.merchant.received) == 1


def test_an_unreachable_endpoint_is_logged(gateway: Gateway) -> None:
    """Given an endpoint where nobody listens, then the log says so."""
    nobody = f"http://127.0.0.1:{test_utils.unused_port()}/"
    gateway.promptpay_charge(webhook_endpoints=[nobody])

    (entry,) = gateway.deliveries(1)

    assert (entry["outcome"], entry["status"]) == ("unreachable", None)
    assert entry["error"] == "ClientConnectorError"


def test_an_event_can_be_sent_again_and_again(gateway: Gateway) -> None:
    """Given a redelivery of an event, then the same event comes that many times more."""
    gateway.card_charge()
    event = gateway.deliveries(1)[0]["event_id"]

    gateway.control("webhooks/redeliver", {"event": event, "times": 20})

    received = gateway.merchant.received
    assert [webhook.event["id"] for webhook in received] == [event] * 21
    assert len({webhook.body for webhook in received}) == 1


def test_events_of_a_charge_wait_for_each_other(gateway: Gateway) -> None:
    """Given an endpoint that is slow with the first event, then the second comes after it."""
    gateway.merchant.pauses_seconds = [0.3]
    charge = gateway.promptpay_charge()
    gateway.post(f"/charges/{charge['id']}/mark_as_paid")
    gateway.deliveries(2)

    assert gateway.merchant.keys() == ["charge.create", "charge.complete"]


def test_drop_loses_an_event(gateway: Gateway) -> None:
    """Given ``drop`` for one kind of event, then it alone never arrives, and the log knows."""
    gateway.webhook_fault("drop", event_key="charge.complete")
    charge = gateway.promptpay_charge()
    gateway.post(f"/charges/{charge['id']}/mark_as_paid")

    log = gateway.deliveries(2)

    assert [entry["outcome"] for entry in log] == ["delivered", "dropped"]
    assert gateway.merchant.keys() == ["charge.create"]


def test_double_sends_an_event_twice(gateway: Gateway) -> None:
    """Given ``double``, then the same event comes twice."""
    gateway.webhook_fault("double")
    gateway.card_charge()
    gateway.deliveries(2)

    first, second = gateway.merchant.received
    assert first.event == second.event


def test_reorder_lets_the_next_event_overtake(gateway: Gateway) -> None:
    """Given ``reorder``, then a charge's first event comes after its second."""
    gateway.webhook_fault("reorder", event_key="charge.create")
    charge = gateway.promptpay_charge()
    gateway.post(f"/charges/{charge['id']}/mark_as_paid")
    gateway.deliveries(2)

    assert gateway.merchant.keys() == ["charge.complete", "charge.create"]


def test_reorder_without_a_next_event_only_delays(gateway: Gateway) -> None:
    """Given nothing that could overtake, then the event comes when the delay is over."""
    gateway.webhook_fault("reorder", delay_ms=20)
    gateway.card_charge()

    assert gateway.deliveries(1)[0]["fault"] == "reorder"


def test_late_sends_an_event_after_its_successors(gateway: Gateway) -> None:
    """Given ``late``, then the event arrives, but others do not wait for it."""
    gateway.webhook_fault("late", delay_ms=300)
    charge = gateway.promptpay_charge()
    gateway.post(f"/charges/{charge['id']}/mark_as_paid")
    gateway.deliveries(2)

    assert gateway.merchant.keys() == ["charge.complete", "charge.create"]


def test_bad_signature_signs_something_else(gateway: Gateway) -> None:
    """Given ``bad_signature`` once, then one event fails verification and the next passes."""
    gateway.webhook_fault("bad_signature")
    gateway.card_charge()
    gateway.deliveries(1)
    gateway.card_charge()
    gateway.deliveries(2)

    forged, genuine = gateway.merchant.received

    assert forged.headers["Omise-Signature"] != expected_signature(forged, WEBHOOK_SECRET)
    assert genuine.headers["Omise-Signature"] == expected_signature(genuine, WEBHOOK_SECRET)


def test_a_challenged_charge_is_completed_by_its_event(gateway: Gateway) -> None:
    """Given a 3-D Secure charge, then ``charge.create`` is pending and ``charge.complete`` paid."""
    charge = gateway.card_charge(CHALLENGED_CARD, return_uri="https://shop.example.com/")
    gateway.post(f"/charges/{charge['id']}/mark_as_paid")
    gateway.deliveries(2)

    states = [webhook.event["data"] for webhook in gateway.merchant.received]
    assert [state["status"] for state in states if isinstance(state, dict)] == [
        "pending",
        "successful",
    ]
