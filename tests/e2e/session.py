"""What the end-to-end tests do again and again, as a person with a phone and a bank would."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from credit_engine_client import CreditEngine
from local import stack
from local.layout import Layout
from local.settings import free_port
from local.stack_file import StackFile

Json = dict[str, Any]
PATIENCE_SECONDS = 60.0
GOOD_CARD = "4242" * 4
RETURN_URI = "https://example.com/back"
# Of several processes that test, each has a stack of its own where it needs one.
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
TEST_PORT = 8400 + 10 * int(_WORKER.removeprefix("gw") or 0)
TEST_INSTANCE = f"test{_WORKER}"


@contextmanager
def running_stack() -> Iterator[StackFile]:
    """Run a stack with ports and data of its own, empty at the start."""
    layout = Layout.of_instance(TEST_INSTANCE)
    stack.reset(layout)
    os.environ["PORT"] = str(free_port(TEST_PORT))
    stack.run_detached(layout)
    try:
        yield StackFile.read(layout.stack_file)
    finally:
        stack.stop(layout)


@dataclass
class Session:
    """A logged-in user of the running stack."""

    stack: StackFile
    engine: CreditEngine
    user_id: str
    email: str
    password: str

    def omise(self, method: str, path: str, body: Json | None = None) -> Json:
        """Call the Omise-compatible server with the deployment's secret key."""
        response = requests.request(
            method,
            self.stack.omise_url + path,
            json=body,
            auth=(self.stack.omise_secret_key, ""),
            timeout=10,
        )
        return dict(response.json())

    def sandbox(self, method: str, path: str, body: Json | None = None) -> Json:
        """Tell the Omise sandbox to misbehave, or ask what it saw."""
        url = f"{self.stack.omise_url}/__sandbox{path}"
        response = requests.request(method, url, json=body, timeout=120)
        assert response.ok, response.text
        return dict(response.json()) if response.content else {}

    def purchase_with_charge(self, package_id: str) -> Json:
        """Buy by PromptPay and wait until the QR code is there."""
        purchase = self.engine.buy(package_id)
        return self.until(lambda: self.engine.purchase(purchase["id"]), lambda p: p["payment"])

    def pay(self, purchase: Json) -> Json:
        """Pay a purchase and wait until it is settled."""
        self.omise("POST", f"/charges/{purchase['payment']['charge_id']}/mark_as_paid")
        return self.until(
            lambda: self.engine.purchase(purchase["id"]), lambda p: p["status"] == "completed"
        )

    def card_token(self, number: str = GOOD_CARD) -> str:
        """Tokenise a card at Omise, as its form in the browser does."""
        card = {
            "name": "Somchai Prasert",
            "number": number,
            "expiration_month": 12,
            "expiration_year": 2099,
            "security_code": "123",
        }
        response = requests.post(
            f"{self.stack.omise_url}/tokens",
            json={"card": card},
            auth=(self.stack.omise_public_key, ""),
            timeout=10,
        )
        return str(response.json()["id"])

    def buy_by_card(self, package_id: str = "growth", number: str = GOOD_CARD) -> Json:
        """Buy by card and wait until the charge is there or the purchase has ended."""
        purchase = self.engine.buy(
            package_id,
            {"type": "card", "token": self.card_token(number), "return_uri": RETURN_URI},
        )
        return self.until(lambda: self.engine.purchase(purchase["id"]), lambda p: p["payment"])

    def completed_by_card(self, package_id: str = "growth") -> Json:
        """Buy by card and wait until it is completed."""
        return self.until_status(self.buy_by_card(package_id), "completed")

    def until_status(self, purchase: Json, status: str) -> Json:
        """Wait until a purchase has a status."""
        return self.until(
            lambda: self.engine.purchase(purchase["id"]), lambda p: p["status"] == status
        )

    def charges_of(self, purchase: Json) -> list[Json]:
        """List the charges at Omise that name a purchase."""
        listed = self.omise("GET", "/charges?limit=100&order=reverse_chronological")["data"]
        return [one for one in listed if one["metadata"].get("purchase_id") == purchase["id"]]

    def buy_credits(self, package_id: str) -> Json:
        """Buy and pay."""
        return self.pay(self.purchase_with_charge(package_id))

    def finished(self, run: Json) -> Json:
        """Wait until a run is over."""
        return self.until(
            lambda: self.engine.get_run(run["id"]),
            lambda r: r["status"] in {"succeeded", "failed"},
        )

    def until(
        self,
        read: Callable[[], Json],
        done: Callable[[Json], object],
        seconds: float = PATIENCE_SECONDS,
    ) -> Json:
        """Read again and again until something holds."""
        deadline = time.monotonic() + seconds
        while True:
            state = read()
            if done(state):
                return state
            assert time.monotonic() < deadline, f"still {state}"
            time.sleep(0.2)
