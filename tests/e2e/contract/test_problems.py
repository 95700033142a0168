"""Every documented refusal is provoked, and is the document that its example promises."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import pytest
import requests

from contract.problems import SHAPES, example
from kernel import problem
from tests.e2e.contract.document import verify_problem
from tests.e2e.session import Session

pytestmark = pytest.mark.e2e
Json = dict[str, Any]
SECONDS: Final = 30
# Only with a fault or a crowd: shown by the tests of kernel.http, of the ledger's storage and of
# the gateway's responses.
NOT_FROM_OUTSIDE: Final = {
    "account_busy",
    "internal_error",
    "temporarily_unavailable",
    "too_many_requests",
}
NOBODYS: Final = "wfl_00000000000000000000000000"
PURCHASE: Final = {"package_id": "starter", "payment_method": {"type": "promptpay"}}
CSV: Final = {"csv": "a\n1\n"}


class Provocation:
    """A user who does what the contract refuses.

    Parameters
    ----------
    user
        A user without credits.
    stranger
        Another one.
    """

    def __init__(self, user: Session, stranger: Session) -> None:
        self._user = user
        self._stranger = stranger
        self._token = user.engine.login(user.email, user.password)["access_token"]

    def call(
        self, method: str, path: str, body: object = None, /, **headers: str
    ) -> requests.Response:
        """Make a call as the user."""
        return requests.request(
            method,
            self._user.stack.api_url + path,
            data=body if isinstance(body, bytes) else json.dumps(body),
            headers={"Authorization": f"Bearer {self._token}", **headers},
            timeout=SECONDS,
        )

    def buy(self, body: object = PURCHASE, **headers: str) -> requests.Response:
        """Ask for a purchase without waiting for its charge."""
        return self.call("POST", "/v1/purchases", body, Prefer="respond-async", **headers)

    def workflow(self) -> str:
        """Make a workflow."""
        return str(self._user.engine.create_workflow("Mine", "csv-summary", CSV)["id"])

    def archived(self) -> str:
        """Make a workflow and archive it."""
        workflow_id = self.workflow()
        self._user.engine.archive_workflow(workflow_id)
        return workflow_id

    def run(self, workflow_id: str) -> requests.Response:
        """Ask for a run."""
        path = f"/v1/workflows/{workflow_id}/runs"
        return self.call("POST", path, {}, **{"Idempotency-Key": "run"})

    def register(self) -> requests.Response:
        """Register with an address that is taken."""
        body = {"email": self._user.email, "password": self._user.password}
        return self.call("POST", "/v1/auth/register", body)

    def reuse_a_key(self) -> requests.Response:
        """Use a key for two different purchases."""
        self.buy(**{"Idempotency-Key": "k"})
        other = {**PURCHASE, "package_id": "growth"}
        return self.buy(other, **{"Idempotency-Key": "k"})

    def take_a_name_twice(self) -> requests.Response:
        """Give two workflows one name."""
        self.workflow()
        body = {"name": "MINE", "automation_id": "csv-summary", "parameters": CSV}
        return self.call("POST", "/v1/workflows", body)

    def fail_to_log_in(self, times: int) -> requests.Response:
        """Log in with a wrong password, several times."""
        body = {"email": self._stranger.email, "password": "not the password at all"}
        answers = [self.call("POST", "/v1/auth/login", body) for _ in range(times)]
        return answers[-1]

    def strangers_workflow(self) -> requests.Response:
        """Look at another user's workflow."""
        theirs = self._stranger.engine.create_workflow("Theirs", "csv-summary", CSV)
        return self.call("GET", f"/v1/workflows/{theirs['id']}")

    def create(self, automation_id: str) -> requests.Response:
        """Create a workflow of an automation."""
        body = {"name": "Mine", "automation_id": automation_id, "parameters": {}}
        return self.call("POST", "/v1/workflows", body)


PROVOCATIONS: Final[dict[str, Callable[[Provocation], requests.Response]]] = {
    "automation_not_found": lambda p: p.create("nothing"),
    "card_data_refused": lambda p: p.buy({**PURCHASE, "cvc": "x"}, **{"Idempotency-Key": "k"}),
    "email_taken": lambda p: p.register(),
    "idempotency_key_invalid": lambda p: p.buy(**{"Idempotency-Key": '""'}),
    "idempotency_key_missing": lambda p: p.buy(),
    "idempotency_key_reused": lambda p: p.reuse_a_key(),
    "insufficient_credits": lambda p: p.run(p.workflow()),
    "invalid_credentials": lambda p: p.fail_to_log_in(1),
    "invalid_cursor": lambda p: p.call("GET", "/v1/runs?cursor=made-up"),
    "invalid_refresh_token": lambda p: p.call(
        "POST", "/v1/auth/refresh", {"refresh_token": "made up"}
    ),
    "malformed_json": lambda p: p.call("POST", "/v1/workflows", b"{"),
    "method_not_allowed": lambda p: p.call("PUT", "/v1/me"),
    "package_not_found": lambda p: p.buy(
        {**PURCHASE, "package_id": "none"}, **{"Idempotency-Key": "k"}
    ),
    "payload_too_large": lambda p: p.call("POST", "/v1/workflows", b" " * 65537),
    "purchase_not_found": lambda p: p.call("GET", f"/v1/purchases/{NOBODYS}"),
    "route_not_found": lambda p: p.call("GET", "/v1/nothing"),
    "run_not_found": lambda p: p.call("GET", f"/v1/runs/{NOBODYS}"),
    "too_many_attempts": lambda p: p.fail_to_log_in(6),
    "unauthorized": lambda p: p.call("GET", "/v1/me", Authorization="Bearer a.b.c"),
    "validation_failed": lambda p: p.create("website-check"),
    "version_conflict": lambda p: p.call(
        "PATCH", f"/v1/workflows/{p.workflow()}", {"name": "Other"}, **{"If-Match": '"9"'}
    ),
    "webhook_rejected": lambda p: p.call("POST", "/v1/webhooks/omise", {"key": "charge.complete"}),
    "workflow_archived": lambda p: p.run(p.archived()),
    "workflow_name_taken": lambda p: p.take_a_name_twice(),
    "workflow_not_found": lambda p: p.call("GET", f"/v1/workflows/{NOBODYS}"),
    "workflow_not_owned": lambda p: p.strangers_workflow(),
}


def test_every_code_has_a_provocation() -> None:
    """Nothing is promised that nobody has seen."""
    assert set(PROVOCATIONS) | NOT_FROM_OUTSIDE == set(SHAPES)


@pytest.mark.parametrize("code", PROVOCATIONS)
def test_p04_a_refusal_is_what_its_example_says(code: str, new_user: Callable[[], Session]) -> None:
    """P04: status, code, members, headers and correlation id are those of the document."""
    response = PROVOCATIONS[code](Provocation(new_user(), new_user()))

    document = verify_problem(response)

    assert (document["code"], response.status_code) == (code, problem.KINDS[code].status)
    assert document.keys() == example(code).keys()
    assert document["title"] == example(code)["title"]
    if response.status_code in {429, 503}:
        assert int(response.headers["Retry-After"]) >= 1


def test_every_finding_is_reported_at_once(user: Session) -> None:
    """A person repairs a body or a query once: each finding with its JSON pointer."""
    provocation = Provocation(user, user)
    body = {"name": "", "automation_id": 7, "role": "admin"}
    created = verify_problem(provocation.call("POST", "/v1/workflows", body))
    listed = verify_problem(
        provocation.call("GET", "/v1/runs?limit=0&status=gone&workflow_id=x&stauts=queued")
    )
    bought = verify_problem(
        provocation.buy(
            {
                "package_id": "",
                "payment_method": {"type": "card", "token": "x", "return_uri": "http://evil.test"},
            },
            **{"Idempotency-Key": "k"},
        )
    )
    assert pointers(created) == ["/automation_id", "/name", "/parameters", "/role"]
    assert pointers(listed) == ["/limit", "/status", "/stauts", "/workflow_id"]
    assert pointers(bought) == [
        "/package_id",
        "/payment_method/return_uri",
        "/payment_method/token",
    ]


def pointers(document: Json) -> list[str]:
    """Return the places of all findings."""
    return sorted(finding["pointer"] for finding in document["errors"])
