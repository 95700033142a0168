"""Every documented example is executed: the commands of docs/api.md, and every request body."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from dataclasses import replace
from typing import Any, Final

import pytest
import requests

from contract.write import EXAMPLES
from credit_engine_client import CreditEngine
from local.omise_sandbox.signature import sign
from tests.e2e.contract.document import Route, routes, verify_answer
from tests.e2e.session import Session

pytestmark = pytest.mark.e2e
Json = dict[str, Any]
ADDRESS: Final = "somchai@example.com"
PASSWORD: Final = "mango sticky rice at noon"
HOOK: Final = "receiveOmiseEvent"
LAST: Final = ("archiveWorkflow", "logout")
IDS: Final = {"pur": "PURCHASE_ID", "wfl": "WORKFLOW_ID", "run": "RUN_ID"}
SECONDS: Final = 60


def commands() -> dict[str, str]:
    """Read the command of every route out of the page."""
    text = EXAMPLES.read_text(encoding="utf-8")
    found = re.findall(r"^### `([^`]+)`.*?^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return dict(found)


def in_order() -> list[Route]:
    """Put the operations in the order in which a client comes to call them."""
    return sorted(routes(), key=lambda route: route.id in LAST)


class Reader:
    """Somebody who copies the commands into a shell, one after the other."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._address = f"reader-{session.email}"
        self._variables = {"API": session.stack.api_url, "PATH": os.environ["PATH"]}

    def types(self, route: Route, command: str) -> None:
        """Run a command and make sure that its answer is what the page says."""
        self._sign(command)
        text = command.replace(ADDRESS, self._address)
        shell = ["bash", "-c", f"uuidgen() {{ echo {time.time_ns()}; }}; {text}"]
        result = subprocess.run(  # noqa: S603  # the documentation's own commands
            shell, env=self._variables, capture_output=True, text=True, check=True, timeout=SECONDS
        )
        head, _, body = result.stdout.replace("\r\n", "\n").partition("\n\n")
        status, *lines = head.splitlines()
        headers = dict(line.split(": ", 1) for line in lines)
        answer = verify_answer(route, int(status.split()[1]), headers, body)
        assert status.split()[1].startswith("2")
        self._learn(answer)

    def _learn(self, answer: Json) -> None:
        """Take ids and tokens from an answer, as the page says."""
        for member in ("access_token", "refresh_token"):
            if member in answer:
                name = member.upper().replace("ACCESS_TOKEN", "TOKEN")
                self._variables[name] = answer[member]
        variable = IDS.get(str(answer.get("id", ""))[:3])
        if variable:
            self._variables[variable] = answer["id"]
        if variable == "PURCHASE_ID" and answer["status"] == "pending":
            self._pay(answer["id"])

    def _pay(self, purchase_id: str) -> None:
        """Scan the QR code, so that there are credits for the run."""
        engine = CreditEngine(self._session.stack.api_url)
        engine.login(self._address, PASSWORD)
        buyer = replace(self._session, engine=engine)
        paid = buyer.pay(buyer.until(lambda: engine.purchase(purchase_id), lambda p: p["payment"]))
        self._variables["CHARGE_ID"] = paid["payment"]["charge_id"]

    def _sign(self, command: str) -> None:
        """Sign an event as Omise does."""
        body = re.search(r"-d '(.*)'", command)
        if "$SIGNATURE" in command and body:
            sent = body[1].replace("'$CHARGE_ID'", self._variables["CHARGE_ID"])
            timestamp = str(int(time.time()))
            secret = self._session.stack.webhook_secret
            self._variables["TIMESTAMP"] = timestamp
            self._variables["SIGNATURE"] = sign([secret], timestamp, sent.encode())


def test_every_command_of_the_page_works(user: Session) -> None:
    """Copied into a shell in order, each gets the answer that the page promises."""
    pages = commands()
    assert set(pages) == {str(route) for route in routes()}
    reader = Reader(user)
    for route in in_order():
        reader.types(route, pages[str(route)])


BODIES: Final = [(route, name) for route in routes() for name in route.bodies if route.id != HOOK]


@pytest.mark.parametrize(("route", "name"), BODIES, ids=str)
def test_every_example_of_a_body_is_taken(route: Route, name: str, user: Session) -> None:
    """What the document shows as a request gets an answer that it shows, too."""
    user.buy_credits("starter")
    workflow = user.engine.create_workflow("Mine", "csv-summary", {"csv": "a\n1\n"})
    tokens = user.engine.login(user.email, user.password)
    known = {
        '"rt_…"': json.dumps(tokens["refresh_token"]),
        ADDRESS: f"{name}-{user.email}" if route.id == "register" else user.email,
        "tokn_test_5xuy4w91xqz7d1w9u0t": card_token(user),
    }
    if route.id == "login":
        known[PASSWORD] = user.password
    body = json.dumps(route.bodies[name], ensure_ascii=False)
    for example, real in known.items():
        body = body.replace(example, real)
    response = requests.request(
        route.method,
        user.stack.api_url + route.path.format(id=workflow["id"]),
        data=body.encode(),
        headers={
            "Authorization": f"Bearer {tokens['access_token']}",
            "Content-Type": "application/json",
            "Idempotency-Key": name,
        },
        timeout=SECONDS,
    )
    assert response.ok, response.text
    verify_answer(route, response.status_code, dict(response.headers), response.text)


def card_token(user: Session) -> str:
    """Tokenise a test card, as Omise.js does in the browser."""
    card = {
        "name": "Somchai Jaidee",
        "number": "4242" * 4,
        "expiration_month": 12,
        "expiration_year": 2040,
        "security_code": "123",
    }
    response = requests.post(
        f"{user.stack.omise_url}/tokens",
        json={"card": card},
        auth=(user.stack.omise_public_key, ""),
        timeout=SECONDS,
    )
    return str(response.json()["id"])
