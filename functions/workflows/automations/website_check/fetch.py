"""Fetches one URL from one checked address.

The connection goes to the address that was checked, never to the name again, so that a name which
resolves to another address a moment later (DNS rebinding) gains nothing. TLS still verifies the
certificate for the name.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Final, cast

from workflows.automations.website_check.deadline import Deadline, DeadlineSocket
from workflows.automations.website_check.target import Target

MAX_BODY_BYTES: Final = 1024 * 1024
_CHUNK_BYTES: Final = 64 * 1024
_HEADERS: Final = {
    "User-Agent": "credit-engine-website-check/1",
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "Accept-Encoding": "identity",
    "Connection": "close",
}


@dataclass(frozen=True, slots=True)
class Page:
    """An answer, as far as a check needs it.

    `certificate_expires` is in seconds since the epoch; `elapsed_seconds` run from the check's
    start to the answer's head; `body` is cut at 1 MiB.
    """

    status: int
    location: str | None
    content_type: str
    certificate_expires: float | None
    elapsed_seconds: float
    body: bytes


def connect(addresses: Sequence[str], port: int, deadline: Deadline) -> socket.socket:
    """Open a connection to the first address that takes one.

    Raises
    ------
    OSError
        If none does in time.
    """
    failure: OSError = OSError("no address")
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout=deadline.remaining())
        except TimeoutError:
            raise
        except OSError as error:
            failure = error
    raise failure


def fetch(target: Target, connected: socket.socket, deadline: Deadline) -> Page:
    """Send a GET over a connection and read the answer; the connection is closed.

    Raises
    ------
    OSError
        If the connection breaks or the deadline passes; `ssl.SSLError` among them.
    HTTPException
        If what comes back is not HTTP.
    """
    with connected as plain:
        if target.scheme == "http":
            return _get(target, plain, deadline, certificate_expires=None)
        with _secured(plain, target.host, deadline) as secured:
            return _get(target, secured, deadline, _certificate_expires(secured))


def _secured(plain: socket.socket, host: str, deadline: Deadline) -> ssl.SSLSocket:
    plain.settimeout(deadline.remaining())
    return _tls().wrap_socket(plain, server_hostname=host)


def _certificate_expires(secured: ssl.SSLSocket) -> float | None:
    certificate = secured.getpeercert() or {}
    moment = certificate.get("notAfter")
    return ssl.cert_time_to_seconds(moment) if isinstance(moment, str) else None


def _get(
    target: Target,
    connected: socket.socket,
    deadline: Deadline,
    certificate_expires: float | None,
) -> Page:
    connection = HTTPConnection(target.host, target.port)
    connection.sock = cast("socket.socket", DeadlineSocket(connected, deadline))
    connection.request("GET", target.path, headers={"Host": target.authority, **_HEADERS})
    with connection.getresponse() as response:
        return Page(
            status=response.status,
            location=response.headers.get("Location"),
            content_type=response.headers.get("Content-Type", ""),
            certificate_expires=certificate_expires,
            elapsed_seconds=deadline.elapsed(),
            body=_body(response),
        )


def _body(response: HTTPResponse) -> bytes:
    """Read up to 1 MiB; an answer that breaks off after its head is an answer all the same."""
    body = bytearray()
    try:
        while len(body) < MAX_BODY_BYTES and (chunk := response.read(_CHUNK_BYTES)):
            body += chunk
    except (OSError, HTTPException):
        pass
    return bytes(body[:MAX_BODY_BYTES])


@cache
def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
