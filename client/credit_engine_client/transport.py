"""How a call is made, repeated and judged."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import requests

from credit_engine_client.errors import ApiError

Json = dict[str, Any]

_TIMEOUT_SECONDS: Final = (3.05, 35)
_MAX_ATTEMPTS: Final = 5
_MAX_WAIT_SECONDS: Final = 10.0
_MAX_PAGES: Final = 1000


@dataclass(frozen=True)
class Call:
    """One request; `path` begins with `/v1`."""

    method: str
    path: str
    body: Json | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_repeatable(self) -> bool:
        """Tell whether a second call can have no second effect."""
        return self.method != "POST" or "Idempotency-Key" in self.headers


class Transport:
    """One session with the API.

    Parameters
    ----------
    base_url
        Where the API is, without `/v1`.
    sleep
        Waits between attempts, in seconds.

    Notes
    -----
    429 is retried, since nothing was done; 503 where a second call can have no second effect. At
    most four times, after the time that the API names in Retry-After or with growing, jittered
    waits, and not at all where it asks for more than ten seconds.
    """

    def __init__(self, base_url: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._base_url = base_url.rstrip("/")
        self._sleep = sleep
        self._session = requests.Session()

    def use_token(self, access_token: str) -> None:
        """Make further calls as the user whom an access token names."""
        self._session.headers["Authorization"] = f"Bearer {access_token}"

    def send(self, call: Call) -> Json:
        """Make a call, again while the API asks to come back, and return the answer's body.

        Raises
        ------
        ApiError
            If the API refuses.
        requests.RequestException
            If it cannot be reached.
        """
        for attempt in range(_MAX_ATTEMPTS):
            response = self._attempt(call)
            wait_seconds = _wait_seconds(response, attempt)
            is_last = attempt == _MAX_ATTEMPTS - 1
            if is_last or wait_seconds > _MAX_WAIT_SECONDS or not _is_retried(call, response):
                break
            self._sleep(wait_seconds)
        return _answer(response)

    def pages(self, path: str, query: Mapping[str, str]) -> Iterator[Json]:
        """Walk a list over all its pages."""
        wanted = {"limit": "100", **query}
        for _ in range(_MAX_PAGES):
            page = self.send(Call("GET", path, query=wanted))
            yield from page["data"]
            if page["next_cursor"] is None:
                return
            wanted["cursor"] = page["next_cursor"]

    def _attempt(self, call: Call) -> requests.Response:
        return self._session.request(
            call.method,
            self._base_url + call.path,
            params=call.query,
            json=call.body,
            headers=call.headers,
            timeout=_TIMEOUT_SECONDS,
            allow_redirects=False,
        )


def _is_retried(call: Call, response: requests.Response) -> bool:
    if response.status_code == requests.codes.too_many_requests:
        return True
    return response.status_code == requests.codes.service_unavailable and call.is_repeatable


def _wait_seconds(response: requests.Response, attempt: int) -> float:
    named = response.headers.get("Retry-After", "")
    if named.isdecimal():
        return float(named)
    return min(_MAX_WAIT_SECONDS, 0.2 * 2.0**attempt) * random.random()  # noqa: S311  # jitter


def _answer(response: requests.Response) -> Json:
    try:
        document = response.json() if response.content else {}
    except ValueError:
        document = {"code": "not_json", "detail": response.text[:200]}
    if not response.ok:
        raise ApiError(response.status_code, document)
    return dict(document)
