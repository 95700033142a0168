"""Kept-alive connections to one endpoint, for several threads."""

from __future__ import annotations

import functools
import http.client
import os
import select
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_MAX_IDLE: Final = 8
_MAX_RESPONSE_BYTES: Final = 20 * 1024 * 1024  # DynamoDB answers with at most 16 MB of items


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait: for a connection with its TLS handshake, and for each part of an answer."""

    connect_seconds: float
    read_seconds: float


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; `checksum` is the body's CRC-32 as the service computed it, if it did."""

    status: int
    body: bytes
    checksum: str | None


class ConnectionPool:
    """Sends requests to an endpoint over connections that are opened when first needed.

    A thread takes an idle connection or opens one, and puts it back when the answer is complete.
    Whatever goes wrong in between, the connection is closed: nothing of one exchange can be read
    as the answer to another.

    Parameters
    ----------
    endpoint
        The service's URL, `https` in AWS; `http` only where the environment says so.
    limits
        How long to wait.
    """

    def __init__(self, endpoint: str, limits: Limits) -> None:
        location = urlsplit(endpoint)
        self.host: Final = location.netloc
        self._is_encrypted = location.scheme == "https"
        self._limits = limits
        self._idle: list[http.client.HTTPConnection] = []

    def post(self, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send a request to the root path and return the reply.

        Raises
        ------
        OSError, http.client.HTTPException
            If there was no complete reply; whether the request had its effect is then unknown.
        """
        connection = self._take() or self._opened()
        keep = False
        try:
            connection.request("POST", "/", body, headers)
            response = connection.getresponse()
            reply = Reply(
                response.status, _complete_body(response), response.getheader("x-amz-crc32")
            )
            keep = not response.will_close and len(self._idle) < _MAX_IDLE
            return reply
        finally:
            if keep:
                self._idle.append(connection)
            else:
                connection.close()

    def _take(self) -> http.client.HTTPConnection | None:
        """Take the idle connection that was used last, past those that the other side closed."""
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:  # another thread was faster
                return None
            if not _is_dropped(connection):
                return connection
            connection.close()
        return None

    def _opened(self) -> http.client.HTTPConnection:
        connection = self._made()
        try:
            connection.connect()
        except BaseException:
            connection.close()
            raise
        connection.sock.settimeout(self._limits.read_seconds)
        return connection

    def _made(self) -> http.client.HTTPConnection:
        seconds = self._limits.connect_seconds
        if self._is_encrypted:
            return http.client.HTTPSConnection(self.host, timeout=seconds, context=tls_context())
        return http.client.HTTPConnection(self.host, timeout=seconds)


@functools.cache
def tls_context() -> ssl.SSLContext:
    """Return the process's TLS settings: 1.2 or newer, certificate and host name verified.

    The authorities are the system's, or those of the file that `AWS_CA_BUNDLE` names, as for SDKs.
    """
    context = ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE"))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _is_dropped(connection: http.client.HTTPConnection) -> bool:
    """Tell whether the other side closed an idle connection, or says what nobody asked for."""
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))


def _complete_body(response: http.client.HTTPResponse) -> bytes:
    """Read a body to its end; one that is cut short is no answer."""
    body = response.read(_MAX_RESPONSE_BYTES)
    if response.length or not response.isclosed():
        raise http.client.IncompleteRead(body, response.length)
    return body
