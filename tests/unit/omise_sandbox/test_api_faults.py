"""Faults of the API: what the client sees, and whether the call took effect."""

import pytest
import requests

from tests.unit.omise_sandbox.running import Gateway

TERMS = {"amount": 30_000, "currency": "thb", "source": {"type": "promptpay"}}


def charge_count(gateway: Gateway) -> object:
    """Return how many charges there are; reading does not meet the faults of these tests."""
    return gateway.get("/charges")["total"]


@pytest.mark.parametrize(
    ("fault", "settings", "status", "code", "effects"),
    [
        ("error_before", {"status": 500}, 500, "internal_error", 0),
        ("error_before", {"status": 503}, 503, "service_unavailable", 0),
        ("error_after", {"status": 500}, 500, "internal_error", 1),
        ("error_after", {"status": 503}, 503, "service_unavailable", 1),
        ("too_many_requests", {}, 429, "too_many_requests", 0),
    ],
)
def test_an_error_is_omises_own(
    gateway: Gateway,
    fault: str,
    settings: dict[str, object],
    status: int,
    code: str,
    effects: int,
) -> None:
    """Given an error fault, then Omise's error object, and a charge only if it comes after."""
    gateway.fault(fault, "create_charge", **settings)

    assert gateway.refusal("POST", "/charges", TERMS) == (status, code)
    assert charge_count(gateway) == effects


@pytest.mark.parametrize(("fault", "effects"), [("html_502", 0), ("html_502_after", 1)])
def test_a_bad_gateway_answers_with_html(gateway: Gateway, fault: str, effects: int) -> None:
    """Given a 502 from something in front of Omise, then it is a page and no error object."""
    gateway.fault(fault, "create_charge")

    response = gateway.call("POST", "/charges", TERMS)

    assert (response.status_code, response.headers["Content-Type"]) == (
        502,
        "text/html; charset=utf-8",
    )
    assert charge_count(gateway) == effects


@pytest.mark.parametrize(
    ("fault", "effects"),
    [
        ("drop_connection_before", 0),
        ("drop_connection_after", 1),
        ("timeout_before", 0),
        ("timeout_after", 1),
    ],
)
def test_a_lost_answer_leaves_the_client_in_doubt(
    gateway: Gateway, fault: str, effects: int
) -> None:
    """Given a connection that ends without an answer, then the charge may exist or not."""
    gateway.fault(fault, "create_charge", delay_ms=50)

    with pytest.raises(requests.ConnectionError):
        gateway.call("POST", "/charges", TERMS)

    assert charge_count(gateway) == effects


def test_a_hanging_call_outlasts_the_clients_patience(gateway: Gateway) -> None:
    """Given a time-out that is longer than the client's own, then the client gives up first."""
    gateway.fault("timeout_after", "create_charge", delay_ms=60_000)

    with pytest.raises(requests.ReadTimeout):
        requests.post(
            gateway.url + "/charges", json=TERMS, auth=("skey_test_example", ""), timeout=0.1
        )

    assert charge_count(gateway) == 1


def test_slow_only_waits(gateway: Gateway) -> None:
    """Given ``slow``, then the answer comes, later."""
    gateway.fault("slow", "create_charge", delay_ms=20)

    assert gateway.post("/charges", TERMS)["status"] == "pending"


def test_faults_are_used_up_in_their_order(gateway: Gateway) -> None:
    """Given several faults, then each call meets the next, and then all is well again."""
    gateway.fault("error_before", "create_charge", times=2)
    gateway.fault("too_many_requests", "create_charge")

    codes = [gateway.call("POST", "/charges", TERMS).status_code for _ in range(4)]

    assert codes == [503, 503, 429, 200]


@pytest.mark.parametrize(
    ("operation", "method", "path"),
    [
        ("retrieve_charge", "GET", "/charges/{charge}"),
        ("list_charges", "GET", "/charges"),
        ("expire_charge", "POST", "/charges/{charge}/expire"),
        ("create_refund", "POST", "/charges/{charge}/refunds"),
        ("*", "GET", "/events"),
    ],
)
def test_a_fault_meets_the_operation_that_it_names(
    gateway: Gateway, operation: str, method: str, path: str
) -> None:
    """Given a fault of one operation, then others pass it by."""
    charge = gateway.promptpay_charge()
    gateway.fault("error_before", operation)
    if operation != "*":
        assert gateway.call("GET", "/account").status_code == 200

    response = gateway.call(method, path.format(charge=charge["id"]), {"amount": 2_000})

    assert response.status_code == 503


def test_a_call_with_the_wrong_key_uses_no_fault_up(gateway: Gateway) -> None:
    """Given a fault and a stranger's call, then the fault still waits for the account's own."""
    gateway.fault("error_before")

    assert gateway.call("GET", "/charges", key="skey_test_other").status_code == 401
    assert gateway.call("GET", "/charges").status_code == 503


def test_faults_can_be_listed_and_cleared(gateway: Gateway) -> None:
    """Given faults of both kinds, then they are listed, and gone once cleared."""
    gateway.fault("error_before", times=3)
    gateway.webhook_fault("drop")
    waiting = gateway.control("faults", method="GET").json()

    gateway.control("faults", method="DELETE")

    assert waiting["faults"][0]["times"] == 3
    assert waiting["webhook_faults"][0]["fault"] == "drop"
    assert gateway.call("GET", "/charges").status_code == 200
    after = gateway.control("faults", method="GET").json()
    assert after == {"faults": [], "webhook_faults": []}
