"""One call to Omise, against a server that misbehaves in every way a network knows."""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from billing.adapters import omise_request, omise_session
from billing.adapters.omise_errors import OmiseRefusalError, OmiseUnavailableError
from billing.adapters.omise_request import OmiseRequest
from billing.adapters.omise_session import TlsAdapter, session_for
from tests.patience import be_brief

ERROR = {"object": "error", "location": "https://example.com", "code": "used_token", "message": "m"}


@dataclass
class Provider:
    """A server on loopback that answers as it is told."""

    status: int = 200
    body: bytes = b'{"object": "charge"}'
    headers: dict[str, str] = field(default_factory=dict)
    before: Callable[[BaseHTTPRequestHandler], bool] = lambda _: True
    seen: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    def send(self, method: str = "get", payload: dict[str, object] | None = None) -> object:
        """Call it as the adapter does."""
        return OmiseRequest("skey_test_example", self.url).send(method, "charges/x", payload)

    def failure(self, method: str = "get") -> OmiseUnavailableError:
        """Call it and return how it did not answer."""
        with pytest.raises(OmiseUnavailableError) as raised:
            self.send(method)
        return raised.value


@pytest.fixture
def provider() -> Iterator[Provider]:
    """Serve until the test is over."""
    omise_session._opened.cache_clear()
    told = Provider()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            told.seen.append((self.command, self.path, headers, self.rfile.read(length)))
            if not told.before(self):
                self.close_connection = True
                return
            self.send_response(told.status)
            for name, value in {"Content-Length": str(len(told.body)), **told.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told.body)

        do_GET = do_POST = _answer  # noqa: N815  # the names that the library calls

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}/"
    yield told
    server.shutdown()
    server.server_close()
    omise_session._opened.cache_clear()


def test_an_answer_is_parsed(provider: Provider) -> None:
    """Key, version and path go out as Omise wants them; a read has no body."""
    assert provider.send() == {"object": "charge"}
    method, path, headers, body = provider.seen[0]
    assert (method, path, body) == ("GET", "/charges/x", b"")
    assert headers["omise-version"] == "2019-05-29"
    assert headers["authorization"].startswith("Basic ")


def test_a_payload_is_sent_as_json(provider: Provider) -> None:
    """Numbers stay numbers."""
    provider.send("post", {"amount": 2000})
    assert json.loads(provider.seen[0][3]) == {"amount": 2000}


@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_refusal_keeps_status_and_code(provider: Provider, status: int) -> None:
    """They say what it means."""
    provider.status, provider.body = status, json.dumps(ERROR).encode()
    with pytest.raises(OmiseRefusalError) as refused:
        provider.send("post")
    assert (refused.value.status, refused.value.code) == (status, "used_token")
    assert refused.value.is_not_found == (status == 404)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_leaves_the_outcome_open(provider: Provider, status: int) -> None:
    """Even with an error object: the charge may have been made."""
    provider.status, provider.body = status, json.dumps(ERROR).encode()
    assert provider.failure("post").may_have_happened


@pytest.mark.parametrize("status", [401, 403, 429])
def test_what_was_turned_away_at_the_door_did_nothing(provider: Provider, status: int) -> None:
    """A key of yesterday, or too many calls: the same call may be made again."""
    provider.status, provider.body = status, json.dumps(ERROR).encode()
    assert not provider.failure("post").may_have_happened


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (502, b"<html>Bad gateway</html>"),
        (200, b"<html>Welcome</html>"),
        (200, b""),
        (200, b"[]"),
        (200, b"\xff\xfe"),
        (400, b"Bad request"),
        (200, json.dumps(ERROR).encode()),
    ],
)
def test_what_is_no_answer_of_omise_s_leaves_the_outcome_open(
    provider: Provider, status: int, body: bytes
) -> None:
    """A proxy's page, garbage, or an error that calls itself a success."""
    provider.status, provider.body = status, body
    assert provider.failure("post").may_have_happened


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(provider: Provider, status: int) -> None:
    """The key would go wherever they lead."""
    provider.status, provider.headers = status, {"Location": provider.url + "elsewhere"}
    provider.failure("post")
    assert len(provider.seen) == 1


def test_silence_ends(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """The call went out, so nobody knows."""
    be_brief(monkeypatch)
    release = threading.Event()
    provider.before = lambda _: release.wait(5) and False
    assert provider.failure("post").may_have_happened
    release.set()


def test_a_lost_connection_leaves_the_outcome_open(provider: Provider) -> None:
    """It was lost after the call had gone out."""
    provider.before = lambda _: False
    assert provider.failure("post").may_have_happened


def test_half_an_answer_leaves_the_outcome_open(provider: Provider) -> None:
    """The connection broke in the middle of it."""
    provider.headers = {"Content-Length": "1000", "Connection": "close"}
    assert provider.failure("post").may_have_happened


def test_where_nobody_listens_nothing_happened() -> None:
    """There was no connection at all."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
    with pytest.raises(OmiseUnavailableError) as raised:
        OmiseRequest("skey_test_example", url).send("post", "charges")
    assert not raised.value.may_have_happened


def test_an_endless_answer_is_cut_off(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded."""
    monkeypatch.setattr(omise_request, "_MAX_RESPONSE_BYTES", 10)
    assert provider.failure().what == "answer too large"


def test_connections_are_kept_but_not_when_idle(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What slept too long is closed before it is used again."""
    clients: list[object] = []
    provider.before = lambda handler: clients.append(handler.client_address[1]) or True  # type: ignore[func-returns-value]  # remembers, then goes on
    provider.send()
    provider.send()
    monkeypatch.setitem(omise_session._last_used, provider.url, -1e9)
    provider.send()
    assert clients[0] == clients[1] != clients[2]


def test_https_is_all_there_is_where_the_settings_say_https() -> None:
    """No other scheme is mounted, and no TLS older than 1.2."""
    session = session_for("https://api.example.com/")
    assert list(session.adapters) == ["https://"]
    adapter = session.adapters["https://"]
    assert isinstance(adapter, TlsAdapter)
    context = adapter.poolmanager.connection_pool_kw["ssl_context"]
    assert context.minimum_version.name == "TLSv1_2"
    assert context.check_hostname
    with pytest.raises(requests.exceptions.InvalidSchema):
        session.get("http://api.example.com/", timeout=1)


def test_the_environment_decides_nothing(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy variable must not send the key elsewhere."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1/")
    assert provider.send() == {"object": "charge"}


def test_d01_nothing_of_a_call_is_logged(
    provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    """The package would log whole answers at INFO; the root logger keeps its handlers."""
    with caplog.at_level(logging.INFO):
        provider.send("post", {"card": "tokn_test_1"})
    assert caplog.text == ""
    assert not logging.getLogger("omise.request").isEnabledFor(logging.CRITICAL)
