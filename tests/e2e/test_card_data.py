"""D01: card data is refused, and stands in no log line and no table, whatever was tried."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from kernel.card_data import CardDataRefusedError, refuse_card_numbers
from tests.e2e.aws import Operator
from tests.e2e.session import GOOD_CARD, Session

pytestmark = pytest.mark.e2e
# An id, a digest or a token: somewhere among thousands of them is a run of digits like a card's.
NAME = re.compile(r"[\w-]*[A-Za-z_][\w-]*")
SECURITY_CODE = "90210417"  # longer than any, so that it is found where it does not belong
SPACED = " ".join(GOOD_CARD[start : start + 4] for start in range(0, 16, 4))


def attempts(user: Session) -> Iterator[requests.Response]:
    """Send card data wherever a client could, by mistake or on purpose."""
    login = {"email": user.email, "password": user.password}
    tokens = requests.post(f"{user.stack.api_url}/v1/auth/login", json=login, timeout=30).json()
    base = {"Authorization": f"Bearer {tokens['access_token']}"}
    bodies: dict[str, list[dict[str, Any]]] = {
        "/v1/purchases": [
            {"package_id": GOOD_CARD},
            {"package_id": "starter", "payment_method": {"type": "card", "number": SPACED}},
            {"package_id": "starter", "card": {"cvc": SECURITY_CODE, "number": GOOD_CARD}},
        ],
        "/v1/workflows": [{"name": "x", "cvv": SECURITY_CODE}],
        "/v1/auth/login": [{"email": "a@example.com", "card_number": GOOD_CARD}],
    }
    for path, documents in bodies.items():
        for document in documents:
            yield requests.post(
                user.stack.api_url + path,
                json=document,
                headers={**base, "Idempotency-Key": f"key-{time.monotonic_ns()}"},
                timeout=30,
            )
    yield requests.get(f"{user.stack.api_url}/v1/runs?status={GOOD_CARD}", headers=base, timeout=30)


def has_card_number(text: str) -> bool:
    """Tell whether a text holds what may be a card number, apart from names with letters."""
    try:
        refuse_card_numbers(NAME.sub("", text))
    except CardDataRefusedError:
        return True
    return False


def test_d01_no_card_number_reaches_a_log_line_or_a_table(user: Session) -> None:
    """D01: a real card purchase and every forbidden way, and then all that was written is read."""
    user.completed_by_card()
    answers = list(attempts(user))
    assert all(400 <= answer.status_code < 500 for answer in answers)
    refused = [a for a in answers[:5] if a.json()["code"] == "card_data_refused"]
    assert len(refused) >= 4
    operator = Operator(user.stack)
    written = [*operator.log_lines(), *operator.items()]
    assert any("purchase ended" in line for line in written), "the logs were not captured"
    for text in (*written, *(answer.text for answer in answers)):
        assert GOOD_CARD not in text
        assert SPACED not in text
        assert SECURITY_CODE not in text


def test_d01_no_item_of_any_table_holds_a_card_number(user: Session) -> None:
    """D01: not only this test's card: no Luhn-valid number of a network's is in any item."""
    user.completed_by_card()
    items = list(Operator(user.stack).items())
    assert items
    assert not [item for item in items if has_card_number(item)]
