"""Clients that each send one request after another for a while."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import urlsplit

from benchmarks.figures import percentile

_TIMEOUT_SECONDS: Final = 60
_MILLISECONDS: Final = 1e3

Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What became of one request."""

    seconds: float
    status: int
    document: Json


@dataclass(frozen=True)
class Load:
    """What became of all of them.

    Parameters
    ----------
    answers
        Of all clients.
    seconds
        From the first request to the last answer.
    """

    answers: Sequence[Answer]
    seconds: float

    @property
    def accepted(self) -> list[Answer]:
        """Those that were not refused."""
        return [one for one in self.answers if one.status < http.HTTPStatus.BAD_REQUEST]

    @property
    def per_second(self) -> float:
        """How many were accepted per second."""
        return len(self.accepted) / self.seconds

    @property
    def refusals(self) -> Counter[str]:
        """How many were refused, by code."""
        refused = [one for one in self.answers if one.status >= http.HTTPStatus.BAD_REQUEST]
        return Counter(str(one.document.get("code", one.status)) for one in refused)

    def milliseconds(self, share: float) -> float:
        """Return the time that a share of all requests did not exceed."""
        return percentile([one.seconds for one in self.answers], share) * _MILLISECONDS


class Client:
    """One client with a connection of its own.

    Parameters
    ----------
    url
        Where the API is.
    method, path
        What it asks for.
    token
        Its access token; none for what is public.
    """

    def __init__(self, url: str, method: str, path: str, token: str = "") -> None:
        self._connection = http.client.HTTPConnection(
            urlsplit(url).netloc, timeout=_TIMEOUT_SECONDS
        )
        self._method, self._path, self._token = method, path, token

    @classmethod
    def of_health(cls, url: str) -> Self:
        """Make one that asks for nothing but an answer."""
        return cls(url, "GET", "/v1/health")

    def __call__(self) -> Answer:
        """Send a request, a new one each time, and wait for its answer."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        body = "{}" if self._method == "POST" else None
        began = time.perf_counter()
        self._connection.request(self._method, self._path, body, headers)
        response = self._connection.getresponse()
        content = response.read()
        return Answer(time.perf_counter() - began, response.status, json.loads(content))


def loaded(clients: Sequence[Callable[[], Answer]], seconds: float) -> Load:
    """Let clients ask at once for some seconds, each without a pause."""
    began = time.perf_counter()

    def ask(client: Callable[[], Answer]) -> list[Answer]:
        answers = [client()]
        while time.perf_counter() - began < seconds:
            answers.append(client())
        return answers

    with ThreadPoolExecutor(len(clients)) as threads:
        answers = [answer for found in threads.map(ask, clients) for answer in found]
    return Load(answers, time.perf_counter() - began)
