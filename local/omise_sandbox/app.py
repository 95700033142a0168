"""The HTTP server: Omise's API and vault, the payer's pages and the control API on one port."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Final

from aiohttp import web

from local.omise_sandbox.browser import BrowserPages
from local.omise_sandbox.card_form import card_form_routes
from local.omise_sandbox.control import ControlApi
from local.omise_sandbox.endpoint import Endpoints, errors_as_documents, preflight
from local.omise_sandbox.operations import OPERATIONS, PUBLIC
from local.omise_sandbox.sandbox import Sandbox

_LARGEST_BODY_BYTES: Final = 256 * 1024
_EXPIRY_SECONDS: Final = 0.5


def build_app(sandbox: Sandbox) -> web.Application:
    """Return the application that serves a sandbox, and closes it at its end."""
    app = web.Application(middlewares=[errors_as_documents], client_max_size=_LARGEST_BODY_BYTES)
    endpoints = Endpoints(sandbox)
    for operation in OPERATIONS:
        app.router.add_route(operation.method, operation.path, endpoints.handler(operation))
    for path in sorted({it.path for it in OPERATIONS if it.keys >= PUBLIC}):
        app.router.add_route("OPTIONS", path, preflight)
    app.add_routes(BrowserPages(sandbox).routes())
    app.add_routes(card_form_routes())
    app.add_routes(ControlApi(sandbox).routes())
    app.on_shutdown.append(_release(endpoints))
    app.cleanup_ctx.append(_background(sandbox))
    return app


def _release(endpoints: Endpoints) -> Callable[[web.Application], Awaitable[None]]:
    async def release(_: web.Application) -> None:
        endpoints.closing.set()  # calls that a fault lets hang must not hold up the end

    return release


def _background(sandbox: Sandbox) -> Callable[[web.Application], AsyncIterator[None]]:
    async def run(_: web.Application) -> AsyncIterator[None]:
        await sandbox.webhook_client.open()
        expiry = asyncio.create_task(_expire_regularly(sandbox))
        yield
        expiry.cancel()
        with suppress(asyncio.CancelledError):
            await expiry
        await sandbox.webhooks.abandon()
        await sandbox.webhook_client.close()
        sandbox.store.close()

    return run


async def _expire_regularly(sandbox: Sandbox) -> None:
    while True:
        sandbox.charges.expire_due()
        await asyncio.sleep(_EXPIRY_SECONDS)
