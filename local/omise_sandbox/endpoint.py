"""From HTTP to an operation and back: keys, parameters, faults, errors."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

import aiohttp
from aiohttp import web

from local.omise_sandbox.call import Call
from local.omise_sandbox.errors import OmiseError
from local.omise_sandbox.faults import ApiFault
from local.omise_sandbox.operations import PUBLIC, Operation
from local.omise_sandbox.payload import parse_body, parse_form
from local.omise_sandbox.sandbox import Sandbox

HttpHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# A browser calls what the public key opens, from the merchant's page.
_CORS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Omise-Version",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
}
_BAD_GATEWAY: Final = "<html><head><title>502 Bad Gateway</title></head><body></body></html>"


class Endpoints:
    """Makes HTTP handlers of operations.

    Parameters
    ----------
    sandbox
        Who answers.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.closing = asyncio.Event()

    def handler(self, operation: Operation) -> HttpHandler:
        """Return the HTTP handler of an operation."""
        cors = _CORS if operation.keys >= PUBLIC else {}

        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                self._authenticate(request, operation)
                response = await self._answer(request, operation)
            except OmiseError as error:
                response = _error(error)
            response.headers.update(cors)
            return response

        return handle

    def _authenticate(self, request: web.Request, operation: Operation) -> None:
        try:
            given = aiohttp.BasicAuth.decode(request.headers.get("Authorization", "")).login
        except ValueError:
            given = ""
        keys = {"secret": self._sandbox.keys.secret_key, "public": self._sandbox.keys.public_key}
        accepted = [
            hmac.compare_digest(keys[name].encode(), given.encode()) for name in operation.keys
        ]
        if not any(accepted):
            raise OmiseError("authentication_failure", "authentication failed")

    async def _answer(self, request: web.Request, operation: Operation) -> web.StreamResponse:
        fault = self._sandbox.api_faults.take(operation.name)
        if fault is None:
            return await self._carry_out(request, operation)
        if fault.fault == "slow":
            await self._wait(fault.delay_ms)
        if fault.call_takes_effect:
            response = await self._carry_out(request, operation)
            if fault.effect == "none":
                return response
        return await self._misbehave(request, fault)

    async def _carry_out(self, request: web.Request, operation: Operation) -> web.StreamResponse:
        parameters = parse_form(request.query_string.encode())
        parameters |= parse_body(await request.read(), request.content_type)
        call = Call(self._sandbox, request.path, request.match_info, parameters)
        return web.json_response(operation.handler(call))

    async def _misbehave(self, request: web.Request, fault: ApiFault) -> web.StreamResponse:
        match fault.effect:
            case "error":
                raise _server_error(fault.status)
            case "too_many_requests":
                raise OmiseError("too_many_requests", "too many requests")
            case "html_502":
                return web.Response(status=502, text=_BAD_GATEWAY, content_type="text/html")
            case "hang":
                await self._wait(fault.delay_ms)
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def _wait(self, delay_ms: int) -> None:
        try:
            await asyncio.wait_for(self.closing.wait(), delay_ms / 1000)
        except TimeoutError:
            return


async def preflight(_: web.Request) -> web.StreamResponse:
    """Tell a browser that it may call what the public key opens."""
    return web.Response(status=204, headers=_CORS)


@web.middleware
async def errors_as_documents(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer what is refused outside of an operation as Omise does: an unknown path, say."""
    try:
        return await handler(request)
    except OmiseError as error:
        return _error(error)
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        unknown = error.status in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}
        return _error(OmiseError("not_found" if unknown else "bad_request", error.reason.lower()))


def _server_error(status: int) -> OmiseError:
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return OmiseError("internal_error", "internal error")
    return OmiseError("service_unavailable", "service unavailable")


def _error(error: OmiseError) -> web.Response:
    return web.json_response(error.document(), status=error.status)
