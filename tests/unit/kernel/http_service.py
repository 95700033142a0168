"""An AWS service of its own: it answers over real HTTP as a test says, and remembers."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

Request = dict[str, Any]


class Answer(NamedTuple):
    """What is answered: JSON, or bytes as they are; with headers beside the usual ones."""

    status: int = 200
    content: object = {}
    headers: tuple[tuple[str, str], ...] = ()
    length: int | None = None


HANG_UP = Answer(0)
Behaviour = Callable[[str, Request], Answer]


class Service(ThreadingHTTPServer):
    """Listens on this machine."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behaviour: Behaviour = lambda _operation, _request: Answer()
        self.requests: list[Request] = []
        self.headers: list[dict[str, str]] = []
        self.connections: set[object] = set()
        self.scheme = "http"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self.scheme}://localhost:{self.server_port}"

    def failing(self, times: int, answer: Answer) -> None:
        """Answer so many times with this, and then with an empty object."""
        left = [answer] * times
        self.behaviour = lambda *_: left.pop() if left else Answer()

    def encrypt(self, certificate: str, key: str) -> None:
        """Speak TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.scheme = "https"

    def handle_error(self, *_args: object) -> None:
        """Stay silent: clients that turn away are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Service

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.requests.append(request)
        self.server.headers.append({name.lower(): text for name, text in self.headers.items()})
        self.server.connections.add(self.client_address)
        operation = self.headers["x-amz-target"].rpartition(".")[2]
        self._send(self.server.behaviour(operation, request))

    def do_GET(self) -> None:
        self.server.headers.append({name.lower(): text for name, text in self.headers.items()})
        self._send(self.server.behaviour(self.path, {}))

    def _send(self, answer: Answer) -> None:
        if answer is HANG_UP:
            self.close_connection = True
            return
        content = answer.content
        payload = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(answer.status)
        self.send_header("Content-Length", str(answer.length or len(payload)))
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(payload)
        self.close_connection = answer.length is not None

    def log_message(self, *_args: object) -> None:
        """Stay silent."""


@contextmanager
def serving() -> Iterator[Service]:
    """Serve until the block ends."""
    with Service() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()
