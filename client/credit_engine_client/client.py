"""The client: one method per thing that one can do."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping

from credit_engine_client.transport import Call, Json, Transport


class CreditEngine:
    """One user's session with the API.

    Every method raises `ApiError` for what the API refuses, after the retries that are safe
    (`Transport`).

    Parameters
    ----------
    base_url
        Where the API is, without `/v1`.
    sleep
        Waits between attempts, in seconds.
    """

    def __init__(self, base_url: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._transport = Transport(base_url, sleep)
        self._refresh_token = ""

    def register(self, email: str, password: str) -> Json:
        """Create a user."""
        return self.call("POST", "/v1/auth/register", {"email": email, "password": password})

    def login(self, email: str, password: str) -> Json:
        """Log in; further calls are made as this user."""
        body = {"email": email, "password": password}
        return self._use(self.call("POST", "/v1/auth/login", body))

    def refresh(self) -> Json:
        """Exchange the refresh token for new tokens."""
        body = {"refresh_token": self._refresh_token}
        return self._use(self.call("POST", "/v1/auth/refresh", body))

    def logout(self) -> None:
        """End the session."""
        self.call("POST", "/v1/auth/logout", {"refresh_token": self._refresh_token})

    def me(self) -> Json:
        """Read the user's own account."""
        return self.call("GET", "/v1/me")

    def signing_keys(self) -> list[Json]:
        """Read the keys that verify access tokens."""
        return list(self.call("GET", "/v1/.well-known/jwks.json")["keys"])

    def packages(self) -> list[Json]:
        """List what can be bought."""
        return list(self.call("GET", "/v1/packages")["data"])

    def buy(
        self,
        package_id: str,
        payment_method: Mapping[str, str] | None = None,
        key: str = "",
        *,
        wait_seconds: int | None = None,
    ) -> Json:
        """Buy a package, by PromptPay unless another payment method is given.

        Parameters
        ----------
        key
            The idempotency key of this intent, if you keep one; else a new one.
        wait_seconds
            How long the API may wait for the charge, 0 to 10; it waits 5 without it.
        """
        body = {
            "package_id": package_id,
            "payment_method": dict(payment_method or {"type": "promptpay"}),
        }
        prefer = {} if wait_seconds is None else {"Prefer": f"wait={wait_seconds}"}
        headers = {"Idempotency-Key": key or _new_key(), **prefer}
        return self._transport.send(Call("POST", "/v1/purchases", body, headers=headers))

    def purchase(self, purchase_id: str) -> Json:
        """Read a purchase."""
        return self.call("GET", f"/v1/purchases/{purchase_id}")

    def purchases(self) -> Iterator[Json]:
        """Walk all purchases, newest first."""
        return self.pages("/v1/purchases")

    def account(self) -> Json:
        """Read balance and grants."""
        return self.call("GET", "/v1/account")

    def ledger(self, **filters: str) -> list[Json]:
        """Read the whole ledger, newest first, or what `type`, `from` and `to` leave of it."""
        return list(self.pages("/v1/account/ledger", filters))

    def automations(self) -> list[Json]:
        """List what can be run."""
        return list(self.call("GET", "/v1/automations")["data"])

    def create_workflow(self, name: str, automation_id: str, parameters: Json) -> Json:
        """Create a workflow."""
        body = {"name": name, "automation_id": automation_id, "parameters": parameters}
        return self.call("POST", "/v1/workflows", body)

    def workflow(self, workflow_id: str) -> Json:
        """Read a workflow."""
        return self.call("GET", f"/v1/workflows/{workflow_id}")

    def workflows(self, *, archived: bool = False) -> Iterator[Json]:
        """Walk all workflows, newest first, or the archived ones."""
        return self.pages("/v1/workflows", {"archived": "true"} if archived else {})

    def update_workflow(
        self, workflow_id: str, changes: Json, *, expected_version: int | None = None
    ) -> Json:
        """Change name or parameters, if the workflow is still at the version that you expect."""
        headers = _if_match(expected_version)
        call = Call("PATCH", f"/v1/workflows/{workflow_id}", changes, headers=headers)
        return self._transport.send(call)

    def archive_workflow(self, workflow_id: str, *, expected_version: int | None = None) -> None:
        """Archive a workflow, if it is still at the version that you expect."""
        headers = _if_match(expected_version)
        self._transport.send(Call("DELETE", f"/v1/workflows/{workflow_id}", headers=headers))

    def run(self, workflow_id: str, run_input: Json | None = None, key: str = "") -> Json:
        """Start a run; `key` is the idempotency key of this intent, if you keep one."""
        body = {} if run_input is None else {"input": run_input}
        headers = {"Idempotency-Key": key or _new_key()}
        path = f"/v1/workflows/{workflow_id}/runs"
        return self._transport.send(Call("POST", path, body, headers=headers))

    def get_run(self, run_id: str) -> Json:
        """Read a run."""
        return self.call("GET", f"/v1/runs/{run_id}")

    def runs(self, **filters: str) -> Iterator[Json]:
        """Walk all runs, newest first, or what `workflow_id` and `status` leave of them."""
        return self.pages("/v1/runs", filters)

    def health(self) -> Json:
        """Tell whether the API answers, and in which version."""
        return self.call("GET", "/v1/health")

    def openapi(self) -> Json:
        """Read the API's OpenAPI document."""
        return self.call("GET", "/v1/openapi.json")

    def pages(self, path: str, query: Mapping[str, str] | None = None) -> Iterator[Json]:
        """Walk a list over all its pages."""
        return self._transport.pages(path, query or {})

    def call(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        query: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
    ) -> Json:
        """Make any call."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return self._transport.send(Call(method, path, body, query or {}, headers))

    def _use(self, tokens: Json) -> Json:
        self._refresh_token = tokens["refresh_token"]
        self._transport.use_token(tokens["access_token"])
        return tokens


def _new_key() -> str:
    return str(uuid.uuid4())


def _if_match(version: int | None) -> dict[str, str]:
    return {} if version is None else {"If-Match": f'"{version}"'}
