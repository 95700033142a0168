"""Checks a website: fetches it, following redirects, every hop checked anew."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from http.client import HTTPException
from socket import gaierror, socket
from typing import Any, Final

from kernel.clock import rfc3339
from workflows.automations.website_check.deadline import Deadline
from workflows.automations.website_check.fetch import Page, connect, fetch
from workflows.automations.website_check.resolver import resolve
from workflows.automations.website_check.target import (
    Target,
    checked_addresses,
    parse,
    redirected,
)
from workflows.automations.website_check.title import title_of

MAX_REDIRECTS: Final = 5
TIMEOUT_SECONDS: Final = 10
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MILLISECONDS: Final = 1000

Resolver = Callable[[str, int, float], Sequence[str]]
Connector = Callable[[Sequence[str], int, Deadline], socket]


class WebsiteCheck:
    """Checks websites.

    Parameters
    ----------
    resolver
        Finds a host's addresses.
    connector
        Opens a connection to one of some checked addresses.
    clock
        Tells monotonic time in seconds.
    """

    def __init__(
        self,
        resolver: Resolver = resolve,
        connector: Connector = connect,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._resolver = resolver
        self._connector = connector
        self._clock = clock

    def __call__(self, url: str) -> dict[str, Any]:
        """Check a website.

        Returns
        -------
        dict
            `{"url", "final_url", "reachable", "status", "latency_ms", "title",
            "certificate_expires_at", "error"}`. `latency_ms` is the time to the last answer's head,
            resolving, connecting and redirects included. A site that is down is a result:
            `reachable` is false and `error` one of `dns_failed`, `connection_failed`, `timed_out`,
            `certificate_invalid`, `tls_failed`, `invalid_response`, `too_many_redirects`.

        Raises
        ------
        AutomationFailed
            `target_refused`, if the URL or one that it redirects to must not be fetched.
        """
        deadline = Deadline(TIMEOUT_SECONDS, self._clock)
        target = parse(url)
        for _ in range(MAX_REDIRECTS + 1):
            try:
                page = self._fetched(target, deadline)
            except (OSError, HTTPException) as error:
                return _unreachable(url, target, _error_code(error))
            if page.status not in _REDIRECTS or page.location is None:
                return _reached(url, target, page)
            target = redirected(target, page.location)
        return _unreachable(url, target, "too_many_redirects")

    def _fetched(self, target: Target, deadline: Deadline) -> Page:
        def within_deadline(host: str, port: int) -> Sequence[str]:
            return self._resolver(host, port, deadline.remaining())

        addresses = checked_addresses(target, within_deadline)
        return fetch(target, self._connector(addresses, target.port, deadline), deadline)


def _reached(url: str, target: Target, page: Page) -> dict[str, Any]:
    expires = page.certificate_expires
    return {
        "url": url,
        "final_url": target.url,
        "reachable": True,
        "status": page.status,
        "latency_ms": round(page.elapsed_seconds * _MILLISECONDS),
        "title": title_of(page.body, page.content_type),
        "certificate_expires_at": (
            rfc3339(datetime.fromtimestamp(expires, UTC)) if expires is not None else None
        ),
        "error": None,
    }


def _unreachable(url: str, target: Target, error: str) -> dict[str, Any]:
    return {
        "url": url,
        "final_url": target.url,
        "reachable": False,
        "status": None,
        "latency_ms": None,
        "title": None,
        "certificate_expires_at": None,
        "error": error,
    }


def _error_code(error: Exception) -> str:
    return next(code for kind, code in _ERROR_CODES if isinstance(error, kind))


_ERROR_CODES: Final[tuple[tuple[type[Exception], str], ...]] = (
    (TimeoutError, "timed_out"),
    (gaierror, "dns_failed"),
    (ssl.SSLCertVerificationError, "certificate_invalid"),
    (ssl.SSLError, "tls_failed"),
    (OSError, "connection_failed"),
    (HTTPException, "invalid_response"),
)
