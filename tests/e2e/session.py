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
TEST_PORT = 8400
TEST_INSTANCE = "test"


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
