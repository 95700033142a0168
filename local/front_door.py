"""One origin for API and console, as CloudFront and API Gateway make it in AWS.

`/v1` and `/docs` go to the API's stage on the emulator, byte for byte, since a webhook's signature
is over raw bytes. Everything else is a file of the console.
"""

import argparse
import asyncio
import json
import signal
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from uuid import uuid4

import aiohttp
from aiohttp import web
from aiohttp.http import SERVER_SOFTWARE
from yarl import URL

from infra.hosting import Hosting
from local.front_door_console import Console, OmiseInBrowser
from local.headers import OWN, end_to_end

# API Gateway's quotas: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
BODY_BYTES = 10 * 1024 * 1024
TIMEOUT_SECONDS = 29
CONNECTIONS = 256
HOST = "127.0.0.1"
SHUTDOWN_SECONDS = 2


@dataclass(frozen=True)
class Origins:
    """What is behind the front door.

    Parameters
    ----------
    authority
        The host and port that clients see, such as `127.0.0.1:8000`.
    api
        URL of the API's stage on the emulator, without a slash at its end.
    console
        The console's files and settings.
    """

    authority: str
    api: str
    console: Console


class FrontDoor:
    """Answer for both origins."""

    def __init__(self, origins: Origins, client: aiohttp.ClientSession) -> None:
        self._origins = origins
        self._client = client

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Route a request by its path."""
        path = request.raw_path.partition("?")[0]
        if path in {"/v1", "/docs"} or path.startswith(("/v1/", "/docs/")):
            return await self._forward(request)
        return self._console_file(request)

    async def _forward(self, request: web.Request) -> web.StreamResponse:
        try:
            body = await request.read()
            return await self._call_api(request, body)
        except web.HTTPRequestEntityTooLarge:
            return _problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "payload_too_large")
        except (TimeoutError, aiohttp.ClientError):
            return _unavailable()

    async def _call_api(self, request: web.Request, body: bytes) -> web.Response:
        headers = end_to_end(request.raw_headers, without=OWN)
        headers["Host"] = self._origins.authority
        headers["X-Forwarded-For"] = request.remote or ""
        headers["X-Forwarded-Port"] = self._origins.authority.rpartition(":")[2]
        headers["X-Forwarded-Proto"] = "http"
        async with self._client.request(
            request.method,
            URL(self._origins.api + request.raw_path, encoded=True),
            headers=headers,
            data=body or None,
            allow_redirects=False,
        ) as answer:
            if answer.status == HTTPStatus.BAD_GATEWAY:
                # Gap: the emulator shows the error of a function that died; the API has no 502.
                return _unavailable()
            return web.Response(
                status=answer.status,
                reason=answer.reason,
                headers=end_to_end(answer.raw_headers),
                body=await answer.read(),
            )

    def _console_file(self, request: web.Request) -> web.StreamResponse:
        if request.method not in {"GET", "HEAD"}:
            return _problem(HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", Allow="GET, HEAD")
        answer = self._origins.console.answer(request.path)
        return _problem(HTTPStatus.NOT_FOUND, "route_not_found") if answer is None else answer


def _unavailable() -> web.Response:
    """Answer what the API's gateway responses say of an integration that fails or is too slow."""
    unavailable = HTTPStatus.SERVICE_UNAVAILABLE
    return _problem(unavailable, "temporarily_unavailable", **{"Retry-After": "1"})


def _problem(status: HTTPStatus, code: str, **headers: str) -> web.Response:
    """Answer as the API's gateway does, for what this machine has instead of it."""
    correlation_id = str(uuid4())
    document = {
        "type": f"https://errors.credit-engine.dev/{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "code": code,
        "detail": status.description or status.phrase,
        "correlation_id": correlation_id,
    }
    own = {
        "Cache-Control": "no-store",
        "Content-Type": "application/problem+json",
        "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
        "X-Content-Type-Options": "nosniff",
        "X-Correlation-Id": correlation_id,
    }
    return web.Response(body=json.dumps(document), status=status, headers={**own, **headers})


async def _stay_anonymous(_: web.Request, response: web.StreamResponse) -> None:
    """Drop the header that aiohttp adds, but not one that the API sent."""
    if response.headers.get("Server") == SERVER_SOFTWARE:
        del response.headers["Server"]


async def application(origins: Origins) -> web.Application:
    """Build the server.

    Parameters
    ----------
    origins
        What to serve, and as whom.
    """
    client = aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
        connector=aiohttp.TCPConnector(limit=CONNECTIONS),
        skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
    )
    app = web.Application(client_max_size=BODY_BYTES)
    app.router.add_route("*", r"/{path:[\s\S]*}", FrontDoor(origins, client).answer)

    async def close(_: web.Application) -> None:
        await client.close()

    app.on_cleanup.append(close)
    app.on_response_prepare.append(_stay_anonymous)
    return app


async def _serve(port: int, origins: Origins) -> None:
    told_to_stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
    runner = web.AppRunner(
        await application(origins), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
        await told_to_stop.wait()
    finally:
        await runner.cleanup()


def main() -> None:
    """Serve on 127.0.0.1 until SIGTERM."""
    given = _parse_options()
    omise = OmiseInBrowser(
        js_url=given.omise_js_url,
        public_key=given.omise_public_key,
        api_url=given.omise_url,
        vault_url=given.omise_vault_url,
    )
    console = Console(given.console, omise, Hosting.read(given.hosting, omise.origins))
    origins = Origins(authority=f"{HOST}:{given.port}", api=given.api, console=console)
    asyncio.run(_serve(given.port, origins))


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.front_door", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--api", required=True, help="URL of the API's stage")
    parser.add_argument("--console", type=Path, required=True, help="folder of built files")
    parser.add_argument("--hosting", type=Path, required=True, help="pages and headers")
    parser.add_argument("--omise-js-url", required=True)
    parser.add_argument("--omise-public-key", required=True)
    parser.add_argument("--omise-url", required=True)
    parser.add_argument("--omise-vault-url", required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
