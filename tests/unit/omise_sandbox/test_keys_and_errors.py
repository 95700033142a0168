"""Which key opens what, and the errors around the operations."""

import pytest
import requests

from tests.unit.omise_sandbox.running import (
    PUBLIC_KEY,
    SECRET_KEY,
    TIMEOUT_SECONDS,
    Gateway,
)


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/charges", PUBLIC_KEY),
        ("/charges", "skey_test_other"),
        ("/charges", ""),
        ("/account", PUBLIC_KEY),
        ("/tokens/tokn_test_x", SECRET_KEY),
        ("/sources/src_test_x", "pkey_test_other"),
    ],
)
def test_the_wrong_key_opens_nothing(gateway: Gateway, path: str, key: str) -> None:
    """Given a key of another kind or account, then 401 whether the object exists or not."""
    response = gateway.call("GET", path, key=key)

    assert response.status_code == 401
    assert response.json()["code"] == "authentication_failure"


@pytest.mark.parametrize("header", [None, "Bearer skey_test_example", "Basic !!!", "Basic"])
def test_no_basic_authentication_is_no_authentication(gateway: Gateway, header: str | None) -> None:
    """Given no key, or not in Basic form, then 401."""
    headers = {"Authorization": header} if header else {}

    response = requests.get(gateway.url + "/charges", headers=headers, timeout=TIMEOUT_SECONDS)

    assert response.status_code == 401


@pytest.mark.parametrize("key", [PUBLIC_KEY, SECRET_KEY])
def test_either_key_reads_the_capability(gateway: Gateway, key: str) -> None:
    """Given any key of the account, then methods and limits are told."""
    capability = gateway.call("GET", "/capability", key=key).json()

    assert capability["limits"]["charge_amount"] == {"max": 15_000_000, "min": 2_000}
    assert [method["name"] for method in capability["payment_methods"]] == ["card", "promptpay"]


def test_the_account_tells_its_webhook_endpoint(gateway: Gateway) -> None:
    """Given the account, then it says where webhooks go and by which API version."""
    account = gateway.get("/account")

    assert str(account["webhook_uri"]).endswith("/webhooks")
    assert account["api_version"] == "2019-05-29"


def test_a_version_header_is_accepted(gateway: Gateway) -> None:
    """Given ``Omise-Version``, then the call goes through."""
    response = requests.get(
        gateway.url + "/charges",
        headers={"Omise-Version": "2019-05-29"},
        auth=(SECRET_KEY, ""),
        timeout=TIMEOUT_SECONDS,
    )

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/charges/chrg_test_unknown"),
        ("POST", "/charges/chrg_test_unknown/expire"),
        ("POST", "/charges/chrg_test_unknown/refunds"),
        ("GET", "/events/evnt_test_unknown"),
        ("GET", "/disputes/dspt_test_unknown"),
        ("GET", "/sources/src_test_unknown"),
        ("GET", "/nothing/here"),
        ("DELETE", "/charges"),
    ],
)
def test_what_is_not_there_is_not_found(gateway: Gateway, method: str, path: str) -> None:
    """Given an unknown object, path or method, then Omise's error object with 404."""
    assert gateway.refusal(method, path, {"amount": 2_000}) == (404, "not_found")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{", "application/json"),
        (b"[1]", "application/json"),
        (b"\xff", "application/json"),
        (b"a[b][c][d][e]=1", "application/x-www-form-urlencoded"),
        (b"a=1&a[b]=2", "application/x-www-form-urlencoded"),
        (b"&".join(b"a=1" for _ in range(201)), "application/x-www-form-urlencoded"),
        (b"x" * 300_000, "application/json"),
    ],
)
def test_a_body_that_cannot_be_read_is_a_bad_request(
    gateway: Gateway, body: bytes, content_type: str
) -> None:
    """Given a body that is malformed, nested too deep or too large, then 400."""
    response = requests.post(
        gateway.url + "/charges",
        data=body,
        headers={"Content-Type": content_type},
        auth=(SECRET_KEY, ""),
        timeout=TIMEOUT_SECONDS,
    )

    assert (response.status_code, response.json()["code"]) == (400, "bad_request")


def test_a_browser_may_tokenise(gateway: Gateway) -> None:
    """Given a page of another origin, then the vault's preflight and answer let it call."""
    preflight = requests.options(gateway.url + "/tokens", timeout=TIMEOUT_SECONDS)
    refused = gateway.call("POST", "/tokens", {}, key="pkey_test_other")

    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in gateway.call("GET", "/charges").headers


@pytest.mark.parametrize(
    ("path", "payload"),
    [
        ("faults", {"fault": "explosion"}),
        ("faults", {"fault": "slow", "times": 0}),
        ("faults", {"fault": "slow", "unknown": 1}),
        ("faults", {"fault": "slow", "operation": "create_charges"}),
        ("webhook_faults", {"fault": "slow"}),
        ("clock", {"advance_seconds": -1}),
        ("disputes", {}),
    ],
)
def test_a_bad_command_is_refused(gateway: Gateway, path: str, payload: object) -> None:
    """Given a control command that makes no sense, then 400 and a reason."""
    response = gateway.control(path, payload)

    assert response.status_code == 400
    assert response.json()["message"]
