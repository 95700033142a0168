"""`python -m benchmarks.stub`: prints its port, and serves until its input ends.

`PUT /__scene` sets the scene; `POST /__calls` returns the calls since it was last asked.
"""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from benchmarks.stub.scene import Scene
from benchmarks.stub.services import World

_MAX_CALLS: Final = 1_000
Json = Any


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.world = World(Scene())
        self.calls: list[Json] = []


class _Handler(BaseHTTPRequestHandler):
    """One connection; answers leave in one piece, or the kernel would hold the second back."""

    server: _Server
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer a read of Omise's."""
        self._other(b"")

    def do_PUT(self) -> None:
        """Take a scene, or an object for S3."""
        body = self._body()
        if self.path == "/__scene":
            self.server.world = World(Scene(**json.loads(body)))
            self._answer({})
        else:
            self._other(body)

    def do_POST(self) -> None:
        """Answer an operation."""
        body = self._body()
        if self.path == "/__calls":
            taken, self.server.calls = self.server.calls, []
            self._answer(taken)
            return
        target = self.headers.get("X-Amz-Target")
        if target is None:
            self._other(body)
            return
        service, _, operation = target.partition(".")
        request = json.loads(body)
        self._note({"service": service, "operation": operation, "request": request})
        self._answer(self.server.world.aws(operation, request))

    def handle_expect_100(self) -> bool:
        """Let S3's client send its body at once."""
        self.send_response_only(100)
        self.end_headers()
        self.wfile.flush()
        return True

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _other(self, body: bytes) -> None:
        text = body.decode(errors="replace")
        self._note({"method": self.command, "path": self.path, "body": text})
        self._answer(self.server.world.web(self.command, self.path))

    def _note(self, call: Json) -> None:
        del self.server.calls[_MAX_CALLS:]
        self.server.calls.append(call)

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _answer(self, document: Json) -> None:
        content = b"" if document is None else json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def main() -> int:
    """Serve until the one who started this closes our input or ends."""
    server = _Server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()
    server.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
