"""`website-check` against real sockets: what is up, what is down, what is refused on the way."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Sequence
from http.client import HTTPResponse, IncompleteRead
from pathlib import Path
from typing import Any, Self, cast

import pytest

from kernel.clock import rfc3339
from tests.unit.workflows.automations.servers import authority, serving
from workflows.automations.verdict import AutomationFailed
from workflows.automations.website_check import fetch as fetch_module
from workflows.automations.website_check import handler as handler_module
from workflows.automations.website_check.check import WebsiteCheck
from workflows.automations.website_check.deadline import Deadline
from workflows.automations.website_check.fetch import MAX_BODY_BYTES, connect
from workflows.automations.website_check.title import title_of

PUBLIC_ADDRESS = "93.184.216.34"
HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
PAGE = HTML + "<html><TITLE>\n Caf&eacute; \u2013 open </TITLE></html>".encode()


def resolver(host: str, _port: int, _seconds: float) -> Sequence[str]:
    """Resolve the hosts of these tests."""
    return {"inside.example.com": ["10.0.0.1"], "169.254.169.254": ["169.254.169.254"]}.get(
        host, [PUBLIC_ADDRESS]
    )


def redirect(location: str) -> list[bytes]:
    """Answer with a redirect."""
    return [f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()]


def check(answers: dict[str, Sequence[bytes]], path: str = "/") -> dict[str, Any]:
    """Check a path of a site that gives these answers."""
    with serving(answers) as server:
        return WebsiteCheck(resolver, server.connect)(f"http://example.com{path}")


def test_a_site_that_is_up_is_described() -> None:
    """Given a page, the result has its status, title and a latency."""
    result = check({"/": [PAGE]})

    assert result.pop("latency_ms") >= 0
    assert result == {
        "url": "http://example.com/",
        "final_url": "http://example.com/",
        "reachable": True,
        "status": 200,
        "title": "Café \u2013 open",
        "certificate_expires_at": None,
        "error": None,
    }


def test_latency_is_measured_to_the_answers_head() -> None:
    """Given a clock that counts its readings, the latency is what passed since the start."""
    ticks = itertools.count(0, 0.001)
    with serving({"/": [PAGE]}) as server:
        result = WebsiteCheck(resolver, server.connect, lambda: next(ticks))("http://example.com/")

    assert 1 <= result["latency_ms"] <= 20


def test_an_error_status_is_a_site_that_answers() -> None:
    """Given a 503, the site is reachable and its status is shown."""
    result = check({"/": [b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"]})

    assert (result["reachable"], result["status"], result["title"]) == (True, 503, None)


def test_the_request_names_the_host_and_not_the_address() -> None:
    """Given a connection to a checked address, the request still asks for the host."""
    with serving({"/a?b=c": [PAGE]}) as server:
        WebsiteCheck(resolver, server.connect)("http://example.com/a?b=c")

    assert server.requests[0].startswith(b"GET /a?b=c HTTP/1.1\r\n")
    assert b"\r\nHost: example.com\r\n" in server.requests[0]


def test_only_checked_addresses_are_connected_to() -> None:
    """Given a name that changes its address after the check, the checked one is used."""
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    connected: list[Sequence[str]] = []

    def rebinding(_host: str, _port: int, _seconds: float) -> Sequence[str]:
        return next(answers)

    def connector(addresses: Sequence[str], _port: int, _deadline: Deadline) -> socket.socket:
        connected.append(addresses)
        raise ConnectionRefusedError

    result = WebsiteCheck(rebinding, connector)("http://example.com/")

    assert connected == [["93.184.216.34"]]
    assert (result["reachable"], result["error"]) == (False, "connection_failed")


def test_redirects_are_followed() -> None:
    """Given a redirect to another path, that page is the result."""
    result = check({"/": redirect("/there"), "/there": [PAGE]})

    assert (result["url"], result["final_url"]) == (
        "http://example.com/",
        "http://example.com/there",
    )
    assert result["reachable"]


@pytest.mark.parametrize(
    "location",
    [
        "http://inside.example.com/",
        "http://169.254.169.254/latest/meta-data/",
        "ftp://example.com/",
    ],
)
def test_a_redirect_to_what_must_not_be_fetched_is_refused(location: str) -> None:
    """Given a redirect to a private or metadata address, the verdict is a refusal."""
    with pytest.raises(AutomationFailed, match="target_refused"):
        check({"/": redirect(location)})


def test_five_redirects_are_followed_and_a_sixth_is_not() -> None:
    """Given chains of redirects, five lead to the page and six to an error."""
    answers: dict[str, Sequence[bytes]] = {f"/{n}": redirect(f"/{n + 1}") for n in range(6)}
    answers["/6"] = [PAGE]

    assert check(answers, "/1")["final_url"] == "http://example.com/6"
    assert check(answers, "/0")["error"] == "too_many_redirects"


def test_an_answer_that_is_no_http_is_a_site_that_is_down() -> None:
    """Given something else behind the port, the site is not reachable."""
    assert check({"/": [b"SSH-2.0-OpenSSH_9.6\r\n"]})["error"] == "invalid_response"


def test_a_connection_that_closes_early_is_a_site_that_is_down() -> None:
    """Given a server that says nothing, the site is not reachable."""
    assert check({"/": []})["reachable"] is False


def test_a_body_that_breaks_off_is_an_answer_all_the_same() -> None:
    """Given less than what was announced, status and title are shown."""
    head = HTML.replace(b"\r\n\r\n", b"\r\nContent-Length: 9999\r\n\r\n")

    result = check({"/": [head + b"<title>Short</title>"]})

    assert (result["reachable"], result["title"]) == (True, "Short")


@pytest.mark.parametrize("fault", [TimeoutError(), ConnectionResetError(), IncompleteRead(b"")])
def test_a_body_that_fails_is_used_as_far_as_it_came(fault: Exception) -> None:
    """Given a connection that breaks while the body is read, what came before counts."""

    class Breaking:
        """A response with one chunk and then a fault."""

        def __init__(self) -> None:
            self.chunks = iter([b"<title>"])

        def read(self, _size: int) -> bytes:
            """Read the chunk, then fail."""
            for chunk in self.chunks:
                return chunk
            raise fault

    assert fetch_module._body(cast("HTTPResponse", Breaking())) == b"<title>"


def test_p05_a_body_is_read_up_to_1_mib() -> None:
    """Given an endless page, what lies beyond 1 MiB is not read."""
    page = [HTML, b" " * MAX_BODY_BYTES, b"<title>Too late</title>"]

    assert check({"/": page})["title"] is None


class Dripping:
    """A connection over which an endless answer comes byte by byte."""

    def __init__(self) -> None:
        self.timeouts: list[float] = []
        self.is_closed = False

    def settimeout(self, seconds: float) -> None:
        """Note the time-out."""
        self.timeouts.append(seconds)

    def sendall(self, _data: bytes) -> None:
        """Take the request."""

    def recv_into(self, buffer: memoryview) -> int:
        """Give one byte of a header that never ends."""
        buffer[:1] = b"H"
        return 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.is_closed = True


def test_a_server_that_drips_is_stopped_by_the_deadline() -> None:
    """Given a byte per second, each read gets what is left of the time, and then none."""
    seconds = itertools.count()
    dripping = Dripping()

    result = WebsiteCheck(
        resolver, lambda *_: cast("socket.socket", dripping), lambda: next(seconds)
    )("http://example.com/")

    assert (result["reachable"], result["error"]) == (False, "timed_out")
    assert dripping.timeouts == sorted(dripping.timeouts, reverse=True)
    assert 0 < min(dripping.timeouts) <= max(dripping.timeouts) < 10
    assert dripping.is_closed


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (socket.gaierror("no such host"), "dns_failed"),
        (TimeoutError(), "timed_out"),
        (OSError("no route"), "connection_failed"),
    ],
)
def test_a_name_or_network_that_fails_is_a_site_that_is_down(fault: OSError, code: str) -> None:
    """Given a fault on the way to the site, the result says which."""

    def failing(_host: str, _port: int, _seconds: float) -> Sequence[str]:
        raise fault

    assert WebsiteCheck(failing)("http://example.com/")["error"] == code


class Secure:
    """A site with a certificate that this test's client trusts."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, certified: str = "example.com"
    ) -> None:
        self.authority = authority(folder, certified)
        monkeypatch.setattr(fetch_module, "_tls", lambda: self.authority.client)

    def check(self) -> dict[str, Any]:
        """Check it."""
        with serving({"/": [PAGE]}, self.authority.server) as server:
            return WebsiteCheck(resolver, server.connect)("https://example.com/")


def test_the_certificates_expiry_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a trusted certificate for the host, the result says until when it is valid."""
    site = Secure(tmp_path, monkeypatch)

    result = site.check()

    assert (result["reachable"], result["title"]) == (True, "Café \u2013 open")
    assert result["certificate_expires_at"] == rfc3339(site.authority.expires)


@pytest.mark.parametrize("certified", ["other.example.com", PUBLIC_ADDRESS])
def test_a_certificate_for_another_name_is_invalid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certified: str
) -> None:
    """Given a trusted certificate, but for another name or the address, the site is not reached."""
    assert Secure(tmp_path, monkeypatch, certified).check()["error"] == "certificate_invalid"


def test_a_certificate_that_nobody_trusts_is_invalid(tmp_path: Path) -> None:
    """Given a self-signed certificate, the real trust store refuses it."""
    with serving({"/": [PAGE]}, authority(tmp_path, "example.com").server) as server:
        result = WebsiteCheck(resolver, server.connect)("https://example.com/")

    assert result["error"] == "certificate_invalid"


def test_a_port_without_tls_is_a_tls_failure() -> None:
    """Given plain HTTP where TLS is expected, the result says so."""
    with serving({"/": [PAGE]}) as server:
        result = WebsiteCheck(resolver, server.connect)("https://example.com/")

    assert (result["reachable"], result["error"]) == (False, "tls_failed")


def test_the_next_address_is_tried_when_one_refuses() -> None:
    """Given two addresses of which the first takes no connection, the second is used."""
    with serving({}) as server:
        connected = connect(
            ["127.0.0.2", "127.0.0.1"], server.port, Deadline(5, itertools.repeat(0).__next__)
        )
        with connected:
            assert connected.getpeername() == ("127.0.0.1", server.port)


def test_connecting_stops_at_the_deadline() -> None:
    """Given no time left, no address is tried."""
    with pytest.raises(TimeoutError):
        connect(["127.0.0.1", "127.0.0.2"], 1, Deadline(0, itertools.repeat(0).__next__))


def test_an_address_that_takes_no_connection_is_an_error() -> None:
    """Given a port that nobody listens on, connecting fails."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(OSError, match="refused"):
        connect(["127.0.0.1"], port, Deadline(5, itertools.repeat(0).__next__))


@pytest.mark.parametrize(
    ("body", "content_type", "title"),
    [
        (b"<title>A &amp; B</title>", "text/html", "A & B"),
        (b"<title lang='en'>A</title >", "application/xhtml+xml", "A"),
        (b"<title>Caf\xe9</title>", "text/html; charset=iso-8859-1", "Café"),
        (b"<title>Caf\xe9</title>", "text/html", "Caf\ufffd"),
        (b"<title>A</title>", "text/html; charset=unheard-of", "A"),
        (b"<title>A</title>", "text/html; charset=hex", "A"),
        (b"<title>A</title>-b", "text/html; charset=punycode", "A"),
        (b"<title>A+AD0-B</title>", "text/html; charset=UTF-7", "A+AD0-B"),
        (b"<title>A\\x42</title>", "text/html; charset=unicode_escape", "A\\x42"),
        (b"<title>" + b"x" * 300 + b"</title>", "text/html", "x" * 200),
        (b"<title>" + b"x" * 9000 + b"</title>", "text/html", None),
        (b"<title> </title>", "text/html", None),
        (b"<title>open", "text/html", None),
        (b"<titles>A</titles>", "text/html", None),
        (b"<title>A</title>", "application/json", None),
        (b"<title>A</title>", "", None),
    ],
)
def test_the_title_is_found_in_html_only(body: bytes, content_type: str, title: str | None) -> None:
    """Given a page in some encoding, its title is text of bounded length, or there is none."""
    assert title_of(body, content_type) == title


def test_the_handler_checks_the_url_of_the_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given parameters with a URL, its result is the output; without one, it is refused."""
    monkeypatch.setattr(handler_module, "_check", lambda url: {"url": url, "reachable": True})
    event: dict[str, Any] = {"run_id": "run_1", "parameters": {"url": "http://e"}, "input": None}

    assert handler_module.handler(event, None)["url"] == "http://e"
    with pytest.raises(AutomationFailed, match="target_refused"):
        handler_module.handler({**event, "parameters": {}}, None)
