"""Card charges: outcomes by Omise's test numbers, tokens, holds and captures, 3-D Secure."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.unit.omise_sandbox.running import (
    CHALLENGED_CARD,
    GOOD_CARD,
    PUBLIC_KEY,
    RETURN_URI,
    TIMEOUT_SECONDS,
    VISA_TEST_RANGE,
    Gateway,
    Json,
)


def answer_challenge(charge: Json, outcome: str) -> requests.Response:
    """Answer a charge's 3-D Secure page without following the way back to the shop."""
    return requests.post(
        str(charge["authorize_uri"]),
        data={"outcome": outcome},
        timeout=TIMEOUT_SECONDS,
        allow_redirects=False,
    )


def test_a_good_card_is_charged_at_once(gateway: Gateway) -> None:
    """Given a card that succeeds, then the answer is a paid charge."""
    charge = gateway.card_charge()

    assert (charge["status"], charge["paid"]) == ("successful", True)
    assert (charge["failure_code"], charge["authorize_uri"]) == (None, None)
    card = charge["card"]
    assert isinstance(card, dict)
    assert (card["brand"], card["last_digits"]) == ("Visa", "4242")


@pytest.mark.parametrize(
    ("ending", "failure_code"),
    [
        ("60001", "invalid_security_code"),
        ("50002", "payment_rejected"),
        ("40011", "insufficient_fund"),
        ("30012", "stolen_or_lost_card"),
        ("20013", "failed_processing"),
        ("10014", "payment_rejected"),
        ("90016", "failed_fraud_check"),
        ("80017", "invalid_account_number"),
    ],
)
def test_a_decline_is_a_failed_charge(gateway: Gateway, ending: str, failure_code: str) -> None:
    """Given a card that Omise documents as failing, then HTTP 200 and a charge that says why."""
    charge = gateway.card_charge(VISA_TEST_RANGE + ending)

    assert (charge["status"], charge["paid"]) == ("failed", False)
    assert charge["failure_code"] == failure_code
    assert charge["failure_message"]
    assert gateway.get(f"/charges/{charge['id']}")["status"] == "failed"


def test_a_token_is_for_one_charge(gateway: Gateway) -> None:
    """Given a token that was charged, then a second charge is refused and none is made."""
    token = gateway.token()
    terms = {"amount": 30_000, "currency": "thb", "card": token}

    gateway.post("/charges", terms)

    assert gateway.refusal("POST", "/charges", terms) == (400, "used_token")
    assert gateway.get("/charges")["total"] == 1
    response = gateway.call("GET", f"/tokens/{token}", key=PUBLIC_KEY)
    assert response.json()["used"] is True


def test_a_token_is_for_one_charge_however_many_try(gateway: Gateway) -> None:
    """Given sixteen charges of one token at once, then one is made and fifteen are refused."""
    terms = {"amount": 30_000, "currency": "thb", "card": gateway.token()}

    with ThreadPoolExecutor(16) as clients:
        tries = [clients.submit(gateway.call, "POST", "/charges", terms) for _ in range(16)]
        codes = sorted(attempt.result().status_code for attempt in tries)

    assert codes == [200] + [400] * 15
    assert gateway.get("/charges")["total"] == 1


def test_an_unknown_token_is_not_found(gateway: Gateway) -> None:
    """Given a token that was never made, then 404."""
    terms = {"amount": 30_000, "currency": "thb", "card": "tokn_test_unknown"}

    assert gateway.refusal("POST", "/charges", terms) == (404, "not_found")


@pytest.mark.parametrize(
    "fields",
    [
        {"number": GOOD_CARD[:-1] + "1"},
        {"number": "4242"},
        {"number": ""},
        {"name": ""},
        {"expiration_year": 2020},
        {"expiration_month": 13},
        {"expiration_month": "December"},
    ],
)
def test_a_bad_card_gets_no_token(gateway: Gateway, fields: Json) -> None:
    """Given a wrong check digit, length, name or date, then the vault refuses the card."""
    card = {
        "name": "Somchai Prasert",
        "number": GOOD_CARD,
        "expiration_month": 12,
        "expiration_year": 2099,
    }

    response = gateway.call("POST", "/tokens", {"card": card | fields}, key=PUBLIC_KEY)

    assert (response.status_code, response.json()["code"]) == (400, "invalid_card")


def test_a_token_never_shows_the_number(gateway: Gateway) -> None:
    """Given a token, then neither it nor its charge repeats the card number."""
    charge = gateway.call(
        "POST", "/charges", {"amount": 30_000, "currency": "thb", "card": gateway.token()}
    )

    assert GOOD_CARD not in charge.text


def test_a_held_charge_is_captured_in_part(gateway: Gateway) -> None:
    """Given ``capture: false``, then the money is held, and what is captured is what is paid."""
    charge = gateway.card_charge(capture=False)
    assert (charge["status"], charge["authorized"], charge["paid"]) == ("pending", True, False)
    assert (charge["capturable"], charge["reversible"]) == (True, True)
    path = f"/charges/{charge['id']}/capture"

    assert gateway.refusal("POST", path, {"capture_amount": 30_001}) == (400, "failed_capture")
    captured = gateway.post(path, {"capture_amount": 20_000})

    assert (captured["status"], captured["paid"]) == ("successful", True)
    assert captured["captured_amount"] == 20_000
    assert gateway.refusal("POST", path) == (400, "failed_capture")


def test_a_held_charge_is_reversed(gateway: Gateway) -> None:
    """Given a held charge that is reversed, then nothing was paid; a captured one can't be."""
    held = gateway.card_charge(capture=False)
    paid = gateway.card_charge()

    reversed_charge = gateway.post(f"/charges/{held['id']}/reverse")

    assert (reversed_charge["status"], reversed_charge["paid"]) == ("reversed", False)
    assert gateway.refusal("POST", f"/charges/{paid['id']}/reverse") == (400, "failed_reverse")


@pytest.mark.parametrize(("outcome", "status"), [("pass", "successful"), ("fail", "failed")])
def test_the_cardholder_decides_a_challenge(gateway: Gateway, outcome: str, status: str) -> None:
    """Given a challenged card, then the charge waits for the cardholder, who is sent back."""
    charge = gateway.card_charge(CHALLENGED_CARD, return_uri=RETURN_URI)
    assert (charge["status"], charge["paid"]) == ("pending", False)
    page = requests.get(str(charge["authorize_uri"]), timeout=TIMEOUT_SECONDS)
    assert "3-D Secure" in page.text

    answer = answer_challenge(charge, outcome)

    assert (answer.status_code, answer.headers["Location"]) == (303, RETURN_URI)
    assert gateway.get(f"/charges/{charge['id']}")["status"] == status


def test_a_second_answer_changes_nothing(gateway: Gateway) -> None:
    """Given a challenge that was failed, when the page is sent again, then it stays failed."""
    charge = gateway.card_charge(CHALLENGED_CARD, return_uri=RETURN_URI)
    answer_challenge(charge, "fail")

    assert answer_challenge(charge, "pass").headers["Location"] == RETURN_URI
    page = requests.get(
        str(charge["authorize_uri"]), timeout=TIMEOUT_SECONDS, allow_redirects=False
    )
    assert page.headers["Location"] == RETURN_URI
    assert gateway.get(f"/charges/{charge['id']}")["status"] == "failed"


def test_an_answer_is_pass_or_fail_to_a_challenge_that_exists(gateway: Gateway) -> None:
    """Given another answer, or no such challenge, then the charge is not touched."""
    charge = gateway.card_charge(CHALLENGED_CARD, return_uri=RETURN_URI)

    assert answer_challenge(charge, "maybe").status_code == 400
    unknown: Json = {"authorize_uri": f"{gateway.url}/payments/paym_test_unknown/authorize"}
    assert answer_challenge(unknown, "pass").status_code == 404
    assert gateway.get(f"/charges/{charge['id']}")["status"] == "pending"


def test_a_failed_validation_fails_the_charge(gateway: Gateway) -> None:
    """Given Omise's card whose 3-D Secure validation fails, then no answer helps."""
    charge = gateway.card_charge(VISA_TEST_RANGE + "40003", return_uri=RETURN_URI)

    answer_challenge(charge, "pass")

    after = gateway.get(f"/charges/{charge['id']}")
    assert (after["status"], after["failure_code"]) == ("failed", "payment_rejected")


def test_without_a_return_uri_nobody_is_challenged(gateway: Gateway) -> None:
    """Given no page to come back to, then the card is charged at once."""
    assert gateway.card_charge(CHALLENGED_CARD)["status"] == "successful"


@pytest.mark.parametrize(("ending", "status"), [("", "successful"), ("40011", "failed")])
def test_an_account_with_3d_secure_challenges_every_card(
    gateway: Gateway, ending: str, status: str
) -> None:
    """Given the account's setting, then any card is challenged, and declined only after that."""
    gateway.control("settings", {"three_d_secure": "always"}, "PUT")
    number = VISA_TEST_RANGE + ending if ending else GOOD_CARD

    charge = gateway.card_charge(number, return_uri=RETURN_URI)
    answer_challenge(charge, "pass")

    assert charge["status"] == "pending"
    assert gateway.get(f"/charges/{charge['id']}")["status"] == status


def test_an_account_without_3d_secure_challenges_none(gateway: Gateway) -> None:
    """Given the account's setting, then even the challenged card is charged at once."""
    gateway.control("settings", {"three_d_secure": "never"}, "PUT")

    charge = gateway.card_charge(CHALLENGED_CARD, return_uri=RETURN_URI)

    assert charge["status"] == "successful"
