"""The `omise` package's requestor, made fit for money.

The package sends without time-outs, follows redirects with the key, loses an error's status and
code, raises `JSONDecodeError` on a gateway's HTML page and configures the root logger when it is
imported. `OmiseRequest` keeps its way to build a request and replaces the sending.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any, Final

import requests
from urllib3.exceptions import HTTPError, NewConnectionError

from billing.adapters.omise_errors import OmiseRefusalError, OmiseUnavailableError
from billing.adapters.omise_session import session_for
from kernel.tracing import subsegment

_root_handlers = logging.root.handlers[:]
from omise.request import Request  # noqa: E402  # importing it calls logging.basicConfig()

logging.root.handlers[:] = _root_handlers
# At INFO it would log whole responses.
logging.getLogger("omise").setLevel(logging.CRITICAL + 1)

API_VERSION: Final = "2019-05-29"
_MAX_RESPONSE_BYTES: Final = 4 * 1024 * 1024
_CONNECT_SECONDS: Final = 3.05
_READ_SECONDS: Final = {"get": 5.0, "post": 25.0, "patch": 25.0}
_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403
_TOO_MANY_REQUESTS: Final = 429
_FIRST_REDIRECT: Final = 300
_FIRST_CLIENT_ERROR: Final = 400
_FIRST_SERVER_ERROR: Final = 500

Answer = Mapping[str, Any]


class OmiseRequest(Request):  # type: ignore[misc]  # the package is untyped
    """Sends one call to Omise: every wait and the size are bounded, no redirects, errors typed.

    The function's own time-out bounds the waits together.

    Parameters
    ----------
    api_key
        The secret key of this client alone; the package's module-wide key stays unset.
    api_base
        Where the API is; plain http only where this says so.
    """

    def __init__(self, api_key: str, api_base: str) -> None:
        super().__init__(api_key, api_base, API_VERSION)

    def send(
        self,
        method: str,
        path: str,
        payload: Mapping[str, object] | None = None,
    ) -> Answer:
        """Send a call and return Omise's answer, parsed.

        Parameters
        ----------
        method
            `get`, or `post` or `patch` with the payload as JSON.
        path
            Below the API's base; whatever stands in it has been checked.

        Raises
        ------
        OmiseRefusalError
            If Omise answered that it refuses.
        OmiseUnavailableError
            If it gave no such answer; says whether the call may have had its effect.
        """
        body = None if method == "get" else self._build_payload(payload)
        try:
            with (
                subsegment("Omise", "remote", http={"request": self._told(method, path)}),
                self._exchange(method, path, body) as response,
            ):
                return _answer(response.status_code, _bounded_body(response))
        except (requests.RequestException, HTTPError, OSError) as error:
            raise OmiseUnavailableError(
                type(error).__name__, may_have_happened=not _was_never_sent(error)
            ) from error

    def _told(self, method: str, path: str) -> dict[str, str]:
        """Say what a trace may show of a call: no key, no body, no query."""
        return {"method": method.upper(), "url": self._build_path(path.partition("?")[0])}

    def _exchange(self, method: str, path: str, body: str | None) -> requests.Response:
        return session_for(self.api_base).request(
            method,
            self._build_path(path),
            data=body,
            headers=self._build_headers({}),
            auth=(self.api_key, ""),
            timeout=(_CONNECT_SECONDS, _READ_SECONDS[method]),
            allow_redirects=False,
            stream=True,
        )


def _was_never_sent(error: Exception) -> bool:
    """Tell whether there was no connection, so that nothing can have happened."""
    cause = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, requests.ConnectTimeout) or isinstance(cause, NewConnectionError)


def _bounded_body(response: requests.Response) -> bytes:
    body: bytes = response.raw.read(_MAX_RESPONSE_BYTES + 1, decode_content=True)
    if len(body) > _MAX_RESPONSE_BYTES:
        raise OmiseUnavailableError("answer too large")
    return body


def _answer(status: int, body: bytes) -> Answer:
    answer = _parsed(status, body)
    is_error = answer.get("object") == "error"
    if status < _FIRST_REDIRECT and not is_error:
        return answer
    if status in {_UNAUTHORIZED, _FORBIDDEN, _TOO_MANY_REQUESTS}:
        # Not this call's fault: a key that was rotated a moment ago, or too many calls at once.
        raise OmiseUnavailableError(f"status {status}", may_have_happened=False)
    if is_error and _FIRST_CLIENT_ERROR <= status < _FIRST_SERVER_ERROR:
        code, message = str(answer.get("code")), str(answer.get("message"))
        raise OmiseRefusalError(status, code, message)
    raise OmiseUnavailableError(f"status {status}")


def _parsed(status: int, body: bytes) -> Answer:
    try:
        answer = json.loads(body)
    except ValueError as error:
        raise OmiseUnavailableError(f"status {status}, no JSON") from error
    if not isinstance(answer, dict):
        raise OmiseUnavailableError(f"status {status}, no JSON object")
    return answer
