"""The KMS client over real HTTP: what it sends, what it understands, when it tries again."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from identity.adapters import kms
from identity.adapters.kms import Kms, KmsRefusedError
from kernel.errors import TemporarilyUnavailableError
from tests.unit.identity.local_keys import LocalKeys

Answer = tuple[int, object]
KEYS = LocalKeys()
DIGEST = hashlib.sha256(b"message").digest()


class Service(ThreadingHTTPServer):
    """An HTTP server that answers as `answer` says and remembers what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer: Callable[[str, dict[str, Any]], Answer | None] = _as_kms
        self.requests: list[dict[str, str]] = []
        self.connections: set[object] = set()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Service

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.requests.append({name.lower(): text for name, text in self.headers.items()})
        self.server.connections.add(self.client_address)
        operation = self.headers["x-amz-target"].removeprefix("TrentService.")
        answer = self.server.answer(operation, json.loads(body))
        if answer is None:
            self.close_connection = True
            return
        status, content = answer
        payload = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_args: object) -> None:
        """Stay silent."""


def _as_kms(operation: str, request: dict[str, Any]) -> Answer:
    """Answer as KMS does; moto would hash a digest once more, whatever its `MessageType`."""
    if operation == "GetPublicKey":
        return 200, {"PublicKey": base64.b64encode(KEYS.public_key(request["KeyId"])).decode()}
    assert request["MessageType"] == "DIGEST"
    assert request["SigningAlgorithm"] == "ECDSA_SHA_256"
    signature = KEYS.sign(request["KeyId"], base64.b64decode(request["Message"]))
    return 200, {"Signature": base64.b64encode(signature).decode()}


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """Serve a KMS over HTTP, without pauses between attempts."""
    monkeypatch.setattr(kms, "_BACKOFF_SECONDS", 0)
    with Service() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def client(service: Service) -> Kms:
    """Make the client as a function does, from the environment."""
    return Kms.from_environment(
        {
            "AWS_REGION": "ap-southeast-1",
            "AWS_ENDPOINT_URL_KMS": service.url,
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "made-up",
            "AWS_SESSION_TOKEN": "a-session-token",
        }
    )


def failing(times: int, answer: Answer | None) -> Callable[[str, dict[str, Any]], Answer | None]:
    """Answer so many times with this, and then as KMS does; `None` hangs up."""
    left = [answer] * times
    return lambda operation, request: left.pop() if left else _as_kms(operation, request)


@pytest.mark.usefixtures("service")
def test_a_signature_verifies_with_the_public_key(client: Kms) -> None:
    """Both operations against a KMS that really signs."""
    public_key = load_der_public_key(client.public_key("signing"))
    assert isinstance(public_key, ec.EllipticCurvePublicKey)
    public_key.verify(client.sign("signing", DIGEST), b"message", ec.ECDSA(hashes.SHA256()))


def test_requests_are_signed_and_share_a_connection(client: Kms, service: Service) -> None:
    """Version 4 signatures of the temporary credentials, over one connection."""
    client.public_key("signing")
    client.sign("signing", DIGEST)
    assert len(service.connections) == 1
    for request in service.requests:
        assert request["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
        assert request["x-amz-security-token"] == "a-session-token"
        assert request["host"] == service.url.removeprefix("http://")


@pytest.mark.parametrize(
    "answer",
    [
        (500, {"__type": "KMSInternalException"}),
        (400, {"__type": "com.amazonaws.kms#ThrottlingException"}),
        (503, {}),
        (502, "not an object"),
        (200, b"<html>a proxy</html>"),
        None,
    ],
)
def test_a_passing_failure_is_tried_again(
    client: Kms, service: Service, answer: Answer | None
) -> None:
    """Twice refused, throttled, misled or hung up on, the third attempt goes through."""
    service.answer = failing(2, answer)
    assert client.public_key("signing")
    assert len(service.requests) == 3


def test_a_connection_that_went_stale_is_opened_anew(client: Kms, service: Service) -> None:
    """After a pause the other side may have closed it."""
    client.public_key("signing")
    service.answer = failing(1, None)
    assert client.public_key("signing")
    assert len(service.connections) == 2


def test_an_outage_is_told_after_bounded_attempts(client: Kms, service: Service) -> None:
    """Three attempts, then: try again later."""
    service.answer = lambda *_: (500, {})
    with pytest.raises(TemporarilyUnavailableError):
        client.sign("any", DIGEST)
    assert len(service.requests) == kms._ATTEMPTS


def test_a_refusal_is_not_tried_again(client: Kms, service: Service) -> None:
    """A missing key or permission does not come by waiting."""
    service.answer = lambda *_: (400, {"__type": "NotFoundException"})
    with pytest.raises(KmsRefusedError, match="NotFoundException"):
        client.public_key("missing")
    assert len(service.requests) == 1


def test_a_silent_service_is_given_up(client: Kms, service: Service) -> None:
    """Every call has a time-out."""
    client._connection.timeout = 0.05
    release = threading.Event()

    def stay_silent(_operation: str, _request: dict[str, Any]) -> Answer | None:
        release.wait(5)
        return None

    service.answer = stay_silent
    with pytest.raises(TemporarilyUnavailableError):
        client.public_key("any")
    release.set()


@pytest.mark.parametrize(
    ("further", "host"),
    [
        ({}, "kms.ap-southeast-1.amazonaws.com"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}, "127.0.0.1:4566"),
    ],
)
def test_the_endpoint_is_found_as_sdks_find_it(further: dict[str, str], host: str) -> None:
    """The region's own, or the one that the environment names."""
    environment = {
        "AWS_REGION": "ap-southeast-1",
        "AWS_ACCESS_KEY_ID": "made-up",
        "AWS_SECRET_ACCESS_KEY": "made-up",
        **further,
    }
    assert Kms.from_environment(environment)._host == host


def test_in_aws_the_connection_is_encrypted_and_timed() -> None:
    """HTTPS with certificates checked, which is the library's default, and a time-out."""
    connection = kms._connection_to(urlsplit("https://kms.ap-southeast-1.amazonaws.com"))
    assert isinstance(connection, HTTPSConnection)
    assert connection.timeout == kms._TIMEOUT_SECONDS


def test_nobody_listening_is_an_outage(service: Service, client: Kms) -> None:
    """A connection that cannot be made is told like any other failure."""
    service.server_close()
    with pytest.raises(TemporarilyUnavailableError):
        client.public_key("signing")
