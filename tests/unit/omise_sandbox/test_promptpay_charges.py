"""PromptPay charges: created pending with a QR code, paid, failed or expired later."""

from datetime import datetime, timedelta

import pytest
import requests

from tests.unit.omise_sandbox.running import TIMEOUT_SECONDS, Gateway, Json


def image_of(charge: Json) -> Json:
    """Return the QR code's document in a charge."""
    source = charge["source"]
    assert isinstance(source, dict)
    image: Json = source["scannable_code"]["image"]
    return image


def test_a_new_charge_waits_for_payment_for_a_day(gateway: Gateway) -> None:
    """Given a PromptPay charge, then it is pending, unpaid, and payable for 24 hours."""
    charge = gateway.promptpay_charge(metadata={"purchase": "pur_1"}, description="500 credits")

    assert str(charge["id"]).startswith("chrg_test_")
    assert (charge["status"], charge["paid"], charge["paid_at"]) == ("pending", False, None)
    assert (charge["amount"], charge["currency"]) == (30_000, "THB")
    assert charge["metadata"] == {"purchase": "pur_1"}
    assert charge["description"] == "500 credits"
    assert charge["livemode"] is False
    created, expires = (
        datetime.fromisoformat(str(charge[name])) for name in ("created_at", "expires_at")
    )
    assert expires - created == timedelta(hours=24)


def test_captured_amount_says_nothing_about_money(gateway: Gateway) -> None:
    """Given an unpaid charge, then Omise shows its amount as captured all the same."""
    charge = gateway.promptpay_charge()

    assert (charge["captured_amount"], charge["paid"]) == (30_000, False)


def test_form_and_json_bodies_make_the_same_charge(gateway: Gateway) -> None:
    """Given the bracketed form that curl sends, then the charge is as from JSON."""
    response = requests.post(
        f"{gateway.url}/charges",
        data={
            "amount": "30000",
            "currency": "THB",
            "source[type]": "promptpay",
            "metadata[purchase]": "pur_1",
            "webhook_endpoints[]": ["http://127.0.0.1:1/a", "http://127.0.0.1:1/b"],
        },
        auth=("skey_test_example", ""),
        timeout=TIMEOUT_SECONDS,
    )
    charge = response.json()

    assert charge["source"]["type"] == "promptpay"
    assert charge["amount"] == 30_000
    assert charge["metadata"] == {"purchase": "pur_1"}
    assert charge["webhook_endpoints"] == ["http://127.0.0.1:1/a", "http://127.0.0.1:1/b"]


def test_a_source_made_before_is_charged_once(gateway: Gateway) -> None:
    """Given a source by its id, then it makes one charge, of its own amount, and no second."""
    source = gateway.post("/sources", {"type": "promptpay", "amount": 30_000, "currency": "thb"})
    terms = {"amount": 30_000, "currency": "thb", "source": source["id"]}

    assert gateway.refusal("POST", "/charges", terms | {"amount": 40_000}) == (400, "bad_request")
    charge = gateway.post("/charges", terms)

    assert gateway.get(f"/sources/{source['id']}")["scannable_code"] is not None
    assert image_of(charge)["filename"] == "qrcode.svg"
    assert gateway.refusal("POST", "/charges", terms) == (400, "bad_request")


def test_mark_as_paid_pays_once(gateway: Gateway) -> None:
    """Given a pending charge marked as paid, then it is, and can't be paid or failed again."""
    charge = gateway.promptpay_charge()

    paid = gateway.post(f"/charges/{charge['id']}/mark_as_paid")

    assert (paid["status"], paid["paid"]) == ("successful", True)
    assert paid["paid_at"] is not None
    for action in ("mark_as_paid", "mark_as_failed"):
        path = f"/charges/{charge['id']}/{action}"
        assert gateway.refusal("POST", path) == (400, "invalid_charge")


def test_mark_as_failed_gives_code_and_message(gateway: Gateway) -> None:
    """Given a pending charge marked as failed, then it says why."""
    charge = gateway.promptpay_charge()

    path = f"/charges/{charge['id']}/mark_as_failed"
    failed = gateway.post(path, {"failure_code": "insufficient_balance"})

    assert (failed["status"], failed["paid"]) == ("failed", False)
    assert failed["failure_code"] == "insufficient_balance"
    assert failed["failure_message"] == "insufficient balance"


def test_an_unknown_failure_code_is_refused(gateway: Gateway) -> None:
    """Given a failure code that Omise does not have, then the charge keeps waiting."""
    charge = gateway.promptpay_charge()

    path = f"/charges/{charge['id']}/mark_as_failed"
    assert gateway.refusal("POST", path, {"failure_code": "tired"}) == (400, "bad_request")
    assert gateway.get(f"/charges/{charge['id']}")["status"] == "pending"


def test_a_payer_may_give_up(gateway: Gateway) -> None:
    """Given a payment that fails by the control API, then the charge says so."""
    charge = gateway.promptpay_charge()

    failure = {"outcome": "fail", "failure_code": "payment_cancelled"}
    failed = gateway.control(f"charges/{charge['id']}/pay", failure).json()

    assert (failed["status"], failed["failure_code"]) == ("failed", "payment_cancelled")


def test_a_paid_charge_cannot_be_refunded(gateway: Gateway) -> None:
    """Given a paid PromptPay charge, then Omise does not refund it."""
    charge = gateway.promptpay_charge()
    paid = gateway.post(f"/charges/{charge['id']}/mark_as_paid")

    assert paid["refundable"] is False
    path = f"/charges/{charge['id']}/refunds"
    assert gateway.refusal("POST", path, {"amount": 2_000}) == (400, "failed_refund")


def test_expire_ends_the_wait(gateway: Gateway) -> None:
    """Given a pending charge expired by the merchant, then it is over and can't be paid."""
    charge = gateway.promptpay_charge()

    expired = gateway.post(f"/charges/{charge['id']}/expire")

    assert (expired["status"], expired["expired"]) == ("expired", True)
    assert expired["expired_at"] is not None
    path = f"/charges/{charge['id']}"
    assert gateway.refusal("POST", f"{path}/expire") == (400, "failed_expire")
    assert gateway.refusal("POST", f"{path}/mark_as_paid") == (400, "expired_charge")


@pytest.mark.parametrize("first", ["expire", "mark_as_failed"])
def test_a_late_payment_counts(gateway: Gateway, first: str) -> None:
    """Given a charge that is over, when the bank confirms after all, then it is successful."""
    charge = gateway.promptpay_charge()
    gateway.post(f"/charges/{charge['id']}/{first}")

    gateway.control(f"charges/{charge['id']}/pay", {"late": True})

    paid = gateway.get(f"/charges/{charge['id']}")
    assert (paid["status"], paid["paid"], paid["failure_code"]) == ("successful", True, None)


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"amount": 1_999}, "invalid_charge"),
        ({"amount": 15_000_001}, "invalid_charge"),
        ({"amount": 300.5}, "invalid_charge"),
        ({"amount": True}, "invalid_charge"),
        ({"amount": None}, "invalid_charge"),
        ({"currency": "usd"}, "invalid_charge"),
        ({"source": {"type": "alipay"}}, "bad_request"),
        ({"source": None}, "missing_card"),
        ({"card": "tokn_test_x"}, "bad_request"),
        ({"metadata": "text"}, "bad_request"),
        ({"return_uri": "javascript:alert(1)"}, "bad_request"),
        ({"return_uri": "http://[broken"}, "bad_request"),
        ({"description": 1}, "bad_request"),
        ({"webhook_endpoints": ["no address"]}, "bad_request"),
        ({"expires_at": "yesterday"}, "bad_request"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "bad_request"),
        ({"capture": "perhaps"}, "bad_request"),
        ({"webhook_endpoints": ["http://a.example", "http://b.example"] * 2}, "bad_request"),
    ],
)
def test_what_omise_does_not_take(gateway: Gateway, parameters: Json, code: str) -> None:
    """Given a parameter that is missing, malformed or out of bounds, then no charge is made."""
    terms = {"amount": 30_000, "currency": "thb", "source": {"type": "promptpay"}}

    assert gateway.refusal("POST", "/charges", terms | parameters) == (400, code)
    assert gateway.get("/charges")["total"] == 0


@pytest.mark.parametrize("amount", [2_000, 15_000_000])
def test_the_limits_themselves_are_taken(gateway: Gateway, amount: int) -> None:
    """Given the smallest and the largest amount, then there is a charge."""
    assert gateway.promptpay_charge(amount=amount)["amount"] == amount


def test_update_replaces_the_metadata(gateway: Gateway) -> None:
    """Given new metadata, then it is stored in the place of the old and nothing else changes."""
    charge = gateway.promptpay_charge(metadata={"a": 1}, description="first")

    response = gateway.call("PATCH", f"/charges/{charge['id']}", {"metadata": {"b": 2}})

    assert response.json()["metadata"] == {"b": 2}
    assert response.json()["description"] == "first"


def test_the_pay_page_pays(gateway: Gateway) -> None:
    """Given the page behind a QR code, when its button is pressed, then the charge is paid."""
    charge = gateway.promptpay_charge()
    image = requests.get(str(image_of(charge)["download_uri"]), timeout=TIMEOUT_SECONDS)
    page_path = image.links["payment"]["url"]

    page = requests.get(gateway.url + page_path, timeout=TIMEOUT_SECONDS).text
    form = {"outcome": "pay"}
    action = f"/__sandbox/charges/{charge['id']}/pay"
    after = requests.post(gateway.url + action, data=form, timeout=TIMEOUT_SECONDS)

    assert f'action="{action}"' in page
    assert "This charge is successful." in after.text
    assert gateway.get(f"/charges/{charge['id']}")["paid"] is True
