"""The front door changes nothing on the way to the API, and serves nothing but the console."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.http import SERVER_SOFTWARE
from aiohttp.test_utils import TestServer

from infra.hosting import Hosting
from local import front_door
from local.front_door import Origins, application
from local.front_door_console import Console, OmiseInBrowser, find_file

OMISE = OmiseInBrowser(
    js_url="https://cdn.example.com/omise.js",
    public_key="pkey_test_made_up",
    api_url="https://api.example.com/base",
    vault_url="https://api.example.com",
)
HOSTING = {
    "pages": ["ledger"],
    "origins": {"omise_js": "https://cdn.omise.co"},
    "content_security_policy": {
        "default-src": ["'none'"],
        "script-src": ["'self'", "{omise_js}"],
        "connect-src": ["{omise_api}", "{omise_vault}"],
    },
    "headers": {"X-Frame-Options": "DENY"},
    "cache_control": {"assets/": "immutable", "": "no-cache"},
}
BODY = b'{"id": "\xc3\xa4",\r\n "amount": 2000}\x00\xff'


@dataclass
class Api:
    """Stands in for the emulator: keeps the last request, gives a prepared answer."""

    answer: web.Response = field(default_factory=lambda: web.Response(text="{}"))
    delay_seconds: float = 0
    request: web.Request | None = None
    body: bytes = b""

    async def handle(self, request: web.Request) -> web.Response:
        """Take any request."""
        self.request, self.body = request, await request.read()
        await asyncio.sleep(self.delay_seconds)
        return self.answer


@dataclass(frozen=True)
class Reply:
    """What a client got."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def problem(self) -> dict[str, Any]:
        """The body as problem+json."""
        assert dict(self.headers)["Content-Type"].startswith("application/problem+json")
        content: dict[str, Any] = json.loads(self.body)
        return content


Call = Callable[[bytes], Reply]


@pytest.fixture
def api() -> Api:
    """The API behind the front door."""
    return Api()


@pytest.fixture
def console(tmp_path: Path) -> Path:
    """The console's files, beside one that is nobody's business."""
    (tmp_path / "key.txt").write_text("private", encoding="ascii")
    (tmp_path / "hosting.json").write_text(json.dumps(HOSTING), encoding="ascii")
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<h1>Console</h1>", encoding="ascii")
    (folder / "assets/app.js").write_text("start()", encoding="ascii")
    (folder / "assets/link").symlink_to(tmp_path / "key.txt")
    return folder


@pytest.fixture
def call(api: Api, console: Path) -> Call:
    """Sends raw bytes to the front door, since clients tidy up what they send."""

    async def exchange(raw: bytes) -> Reply:
        upstream = web.Application(client_max_size=20 * front_door.BODY_BYTES)
        upstream.router.add_route("*", r"/{path:[\s\S]*}", api.handle)
        async with TestServer(upstream) as behind:
            files = Console(
                console, OMISE, Hosting.read(console.parent / "hosting.json", OMISE.origins)
            )
            origins = Origins("127.0.0.1:8000", str(behind.make_url("/stage")), files)
            async with TestServer(await application(origins)) as door:
                return await _exchange(door.port or 0, raw)

    return lambda raw: asyncio.run(exchange(raw))


async def _exchange(port: int, raw: bytes) -> Reply:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw)
    head, _, body = (await _until_closed(reader.read())).partition(b"\r\n\r\n")
    writer.close()
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    return Reply(int(status.split()[1]), headers, body)


async def _until_closed(reading: Awaitable[bytes]) -> bytes:
    return await asyncio.wait_for(reading, timeout=10)


def http(method: str, target: str, *headers: str, body: bytes = b"") -> bytes:
    """Write a request as it goes over the wire."""
    lines = [f"{method} {target} HTTP/1.1", "Host: client.example.com", "Connection: close"]
    lines += [f"Content-Length: {len(body)}"] if body else []
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


def test_body_and_signature_arrive_byte_for_byte(api: Api, call: Call) -> None:
    """Given a signed webhook, when it is forwarded, then not a byte of body or header differs."""
    call(http("POST", "/v1/webhooks/omise", "Omise-Signature: 00,ff", body=BODY))

    assert api.request
    assert api.body == BODY
    assert api.request.headers["Omise-Signature"] == "00,ff"


@pytest.mark.parametrize(
    "target", ["/v1/runs?cursor=a%2Fb&status=&x=%20+", "/v1/a%2Fb/%C3%A4", "/docs", "/docs/x.js"]
)
def test_path_and_query_arrive_byte_for_byte(api: Api, call: Call, target: str) -> None:
    """Given escapes in path and query, when it is forwarded, then they stay as they were."""
    call(http("GET", target))

    assert api.request
    assert api.request.raw_path == f"/stage{target}"


def test_the_answer_comes_back_as_it_was(api: Api, call: Call) -> None:
    """Given status, repeated headers and bytes, when the API answers, then the client gets them."""
    api.answer = web.Response(status=402, body=BODY, headers={"ETag": '"3"'})
    api.answer.headers.add("Link", "one")
    api.answer.headers.add("Link", "two")

    reply = call(http("GET", "/v1/me"))

    assert (reply.status, reply.body) == (402, BODY)
    assert [value for name, value in reply.headers if name == "Link"] == ["one", "two"]
    assert ("ETag", '"3"') in reply.headers


@pytest.mark.parametrize("server", [None, "CloudFront"])
def test_only_the_apis_own_server_header_is_sent(api: Api, call: Call, server: str | None) -> None:
    """Given the API names its server or not, when it answers, then the front door adds no name."""
    api.answer = web.Response(headers={"Server": server or SERVER_SOFTWARE})

    assert dict(call(http("GET", "/v1/me")).headers).get("Server") == server


def test_compressed_bytes_stay_compressed(api: Api, call: Call) -> None:
    """Given an encoded answer, when it is passed on, then it is neither decoded nor relabelled."""
    api.answer = web.Response(body=b"\x1f\x8b not really", headers={"Content-Encoding": "gzip"})

    reply = call(http("GET", "/v1/openapi.json", "Accept-Encoding: gzip"))

    assert reply.body == b"\x1f\x8b not really"
    assert ("Content-Encoding", "gzip") in reply.headers


def test_a_redirect_is_the_clients_to_follow(api: Api, call: Call) -> None:
    """Given the API redirects, when it answers, then the client gets the redirect."""
    api.answer = web.Response(status=302, headers={"Location": "https://example.com/"})

    assert call(http("GET", "/v1/me")).status == 302


def test_the_client_cannot_say_where_it_comes_from(api: Api, call: Call) -> None:
    """Given made-up forwarding headers, when it is forwarded, then the real peer is named."""
    call(http("GET", "/v1/me", "X-Forwarded-For: 192.0.2.1", "Forwarded: for=192.0.2.1"))

    assert api.request
    assert api.request.headers["X-Forwarded-For"] == "127.0.0.1"
    assert api.request.headers["Host"] == "127.0.0.1:8000"
    assert "Forwarded" not in api.request.headers


@pytest.mark.parametrize("path", ["/docs/a%0Ab", "/v1/runs/%0D%0A", "/v1/me/%00"])
def test_a_path_with_control_characters_is_forwarded_as_any_other(
    api: Api, call: Call, path: str
) -> None:
    """Given a line break in a path, when it is asked for, then the API decides what that is."""
    assert call(http("GET", path)).status == 200

    assert api.request
    assert api.request.raw_path == f"/stage{path}"


def test_headers_for_the_next_hop_end_here(api: Api, call: Call) -> None:
    """Given headers of the connection, when it is forwarded, then they are not."""
    call(http("GET", "/v1/me", "Connection: X-Secret", "X-Secret: 1", "TE: trailers"))

    assert api.request
    assert not {"X-Secret", "TE"} & set(api.request.headers)


def test_nothing_is_added_for_the_client(api: Api, call: Call) -> None:
    """Given a bare request, when it is forwarded, then no header is invented on the way."""
    call(http("GET", "/v1/me"))

    assert api.request
    assert not {"Accept", "Content-Type", "User-Agent"} & set(api.request.headers)


def test_a_body_of_10_mib_passes_and_one_byte_more_does_not(api: Api, call: Call) -> None:
    """Given API Gateway's limit, when a body is larger, then 413 and the API sees nothing."""
    largest = bytes(front_door.BODY_BYTES)
    assert call(http("POST", "/v1/purchases", body=largest)).status == 200
    api.request = None

    reply = call(http("POST", "/v1/purchases", body=largest + b"\0"))

    assert (reply.status, reply.problem["code"]) == (413, "payload_too_large")
    assert api.request is None


def test_a_function_that_died_is_503(api: Api, call: Call) -> None:
    """Given the emulator's own words about it, the client gets what it would get in AWS."""
    api.answer = web.json_response({"message": "bootstrap exited"}, status=502)

    reply = call(http("GET", "/v1/me"))

    assert (reply.status, reply.problem["code"]) == (503, "temporarily_unavailable")
    assert dict(reply.headers)["Retry-After"] == "1"


def test_an_answer_that_takes_too_long_is_503(
    api: Api, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given API Gateway's time-out, when the API takes longer, then the client is told so."""
    monkeypatch.setattr(front_door, "TIMEOUT_SECONDS", 0.1)
    api.delay_seconds = 1

    reply = call(http("GET", "/v1/me"))

    assert (reply.status, reply.problem["code"]) == (503, "temporarily_unavailable")


def test_a_gateways_own_error_has_a_correlation_id(call: Call, api: Api) -> None:
    """Given an error made here, when it is sent, then header and body carry one id."""
    reply = call(http("POST", "/", body=b"{}"))

    assert (reply.status, reply.problem["code"]) == (405, "method_not_allowed")
    assert dict(reply.headers)["X-Correlation-Id"] == reply.problem["correlation_id"]
    assert dict(reply.headers)["Allow"] == "GET, HEAD"
    assert api.request is None


@pytest.mark.parametrize(
    ("target", "content"), [("/", b"<h1>Console</h1>"), ("/assets/app.js", b"start()")]
)
def test_the_console_is_everything_else(call: Call, target: str, content: bytes) -> None:
    """Given the console was built, when one of its files is asked for, then it is served."""
    reply = call(http("GET", target))

    assert (reply.status, reply.body) == (200, content)
    assert ("X-Content-Type-Options", "nosniff") in reply.headers


def test_without_a_console_a_page_says_where_the_api_is(call: Call, console: Path) -> None:
    """Given nothing was built, when the root is asked for, then a page names /v1."""
    (console / "index.html").unlink()

    reply = call(http("GET", "/"))

    assert reply.status == 200
    assert b"/v1" in reply.body


@pytest.mark.parametrize(
    "target",
    [
        "/../key.txt",
        "/..%2fkey.txt",
        "/%2e%2e/key.txt",
        "/assets/../../key.txt",
        "/assets/link",
        "/assets",
        "/%00",
        "//etc/passwd",
        "/v10",
    ],
)
def test_no_path_leads_out_of_the_console(call: Call, target: str) -> None:
    """Given a path that leads elsewhere, when it is asked for, then there is nothing."""
    reply = call(http("GET", target))

    assert (reply.status, reply.problem["code"]) == (404, "route_not_found")


@pytest.mark.parametrize("target", ["/ledger", "/ledger/2", "/ledger?type=spend"])
def test_a_page_of_the_console_is_its_index(call: Call, target: str) -> None:
    """Given a path of one of the console's pages, when it is asked for, then index.html comes."""
    reply = call(http("GET", target))

    assert (reply.status, reply.body) == (200, b"<h1>Console</h1>")


def test_files_have_the_headers_of_hosting_json(call: Call) -> None:
    """Given hosting.json, when files are served, then it says the headers, with Omise's origins."""
    page, asset = (dict(call(http("GET", path)).headers) for path in ("/", "/assets/app.js"))

    assert page["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self' https://cdn.example.com; "
        "connect-src https://api.example.com"
    )
    assert page["X-Frame-Options"] == asset["X-Frame-Options"] == "DENY"
    assert (page["Cache-Control"], asset["Cache-Control"]) == ("no-cache", "immutable")


def test_the_console_is_told_where_omise_is(call: Call) -> None:
    """Given an Omise account, when the console asks, then it gets what a browser may know."""
    reply = call(http("GET", "/config.json"))

    assert json.loads(reply.body) == {
        "omise_js_url": "https://cdn.example.com/omise.js",
        "omise_public_key": "pkey_test_made_up",
    }
    assert dict(reply.headers)["Cache-Control"] == "no-store"


def test_without_hosting_json_nothing_is_a_page(console: Path) -> None:
    """Given a checkout without a console, when its hosting is read, then only files are served."""
    hosting = Hosting.read(console / "missing.json", OMISE.origins)

    assert hosting == Hosting()
    assert not hosting.is_page("/ledger")


def test_a_file_is_found_only_inside_its_folder(console: Path) -> None:
    """Given decoded paths, when files are looked up, then only those inside are found."""
    assert find_file(console, "/assets/app.js") == console / "assets/app.js"
    assert find_file(console, "/../key.txt") is None
    assert find_file(console, "/\0") is None
