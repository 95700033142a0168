"""The client: one method per thing that one can do."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import requests

from credit_engine_client.errors import ApiError

Json = dict[str, Any]

_TIMEOUT_SECONDS: Final = (3.05, 35)
_RETRIED: Final = frozenset({429, 503})
_MAX_ATTEMPTS: Final = 5
_MAX_WAIT_SECONDS: Final = 10.0
_MAX_PAGES: Final = 1000


class CreditEngine:
    """One user's session with the API.

    Parameters
    ----------
    base_url
        Where the API is, without `/v1`.
    sleep
        Waits between attempts, in seconds.

    Notes
    -----
    429 and 503 are retried, at most four times, after the time that the API names in Retry-After
    or with growing, jittered waits. Anything else that is no success raises `ApiError`.
    """

    def __init__(self, base_url: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._base_url = base_url.rstrip("/")
        self._sleep = sleep
        self._session = requests.Session()
        self._refresh_token = ""

    def register(self, email: str, password: str) -> Json:
        """Create a user."""
        return self.call("POST", "/v1/auth/register", {"email": email, "password": password})

    def login(self, email: str, password: str) -> Json:
        """Log in; further calls are made as this user."""
        return self._use(
            self.call("POST", "/v1/auth/login", {"email": email, "password": password})
        )

    def refresh(self) -> Json:
        """Exchange the refresh token for new tokens."""
        body = {"refresh_token": self._refresh_token}
        return self._use(self.call("POST", "/v1/auth/refresh", body))

    def logout(self) -> None:
        """End the session."""
        self.call("POST", "/v1/auth/logout", {"refresh_token": self._refresh_token})

    def packages(self) -> list[Json]:
        """List what can be bought."""
        return list(self.call("GET", "/v1/packages")["data"])

    def buy(
        self, package_id: str, payment_method: Mapping[str, str] | None = None, key: str = ""
    ) -> Json:
        """Buy a package, by PromptPay unless another payment method is given."""
        body = {
            "package_id": package_id,
            "payment_method": dict(payment_method or {"type": "promptpay"}),
        }
        return self.call("POST", "/v1/purchases", body, idempotency_key=key or _new_key())

    def purchase(self, purchase_id: str) -> Json:
        """Read a purchase."""
        return self.call("GET", f"/v1/purchases/{purchase_id}")

    def account(self) -> Json:
        """Read balance and grants."""
        return self.call("GET", "/v1/account")

    def ledger(self) -> list[Json]:
        """Read the whole ledger, newest first."""
        return list(self.pages("/v1/account/ledger"))

    def create_workflow(self, name: str, automation_id: str, parameters: Json) -> Json:
        """Create a workflow."""
        body = {"name": name, "automation_id": automation_id, "parameters": parameters}
        return self.call("POST", "/v1/workflows", body)

    def run(self, workflow_id: str, run_input: Json | None = None, key: str = "") -> Json:
        """Start a run."""
        body = {} if run_input is None else {"input": run_input}
        path = f"/v1/workflows/{workflow_id}/runs"
        return self.call("POST", path, body, idempotency_key=key or _new_key())

    def get_run(self, run_id: str) -> Json:
        """Read a run."""
        return self.call("GET", f"/v1/runs/{run_id}")

    def pages(self, path: str, query: Mapping[str, str] | None = None) -> Iterator[Json]:
        """Walk a list over all its pages."""
        wanted = dict(query or {})
        for _ in range(_MAX_PAGES):
            page = self.call("GET", path, query={"limit": "100", **wanted})
            yield from page["data"]
            if page["next_cursor"] is None:
                return
            wanted["cursor"] = page["next_cursor"]

    def call(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        query: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
    ) -> Json:
        """Make a call and retry it while the API asks to come back.

        Raises
        ------
        ApiError
            If the API refuses.
        """
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        for attempt in range(_MAX_ATTEMPTS):
            response = self._session.request(
                method,
                self._base_url + path,
                params=query,
                json=body,
                headers=headers,
                timeout=_TIMEOUT_SECONDS,
                allow_redirects=False,
            )
            last = attempt == _MAX_ATTEMPTS - 1
            if response.status_code not in _RETRIED or last or not _repeatable(method, headers):
                break
            self._sleep(_wait_seconds(response, attempt))
        return _answer(response)

    def _use(self, tokens: Json) -> Json:
        self._refresh_token = tokens["refresh_token"]
        self._session.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        return tokens


def _new_key() -> str:
    return str(uuid.uuid4())


def _repeatable(method: str, headers: Mapping[str, str]) -> bool:
    """Tell whether a second call can have no second effect."""
    return method != "POST" or "Idempotency-Key" in headers


def _wait_seconds(response: requests.Response, attempt: int) -> float:
    named = response.headers.get("Retry-After", "")
    if named.isdecimal():
        return min(float(named), _MAX_WAIT_SECONDS)
    return min(_MAX_WAIT_SECONDS, 0.2 * 2.0**attempt) * random.random()  # noqa: S311  # jitter


def _answer(response: requests.Response) -> Json:
    try:
        document = response.json() if response.content else {}
    except ValueError:
        document = {"code": "not_json", "detail": response.text[:200]}
    if not response.ok:
        raise ApiError(response.status_code, document)
    return dict(document)
