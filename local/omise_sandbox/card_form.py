"""omise.js and the card form that it opens, with Omise's interface: https://docs.omise.co/omise-js.

The form runs in an iframe of the sandbox's origin and sends the card to the sandbox's vault, as
Omise's does: the page that opens it sees a token and nothing else.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from aiohttp import web

_FILES: Final = Path(__file__).parent / "card_form_files"
_CONTENT_TYPES: Final = {
    "omise.js": "text/javascript",
    "pay.css": "text/css",
    "pay.html": "text/html",
    "pay.js": "text/javascript",
}
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "form-action 'none'; frame-ancestors *"
    ),
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}


def card_form_routes() -> list[web.RouteDef]:
    """Return the routes: ``/omise.js`` and what belongs to its iframe."""
    return [web.get(f"/{name}", _serve(name)) for name in _CONTENT_TYPES]


def _serve(name: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def serve(_: web.Request) -> web.Response:
        return web.Response(
            text=(_FILES / name).read_text(encoding="utf-8"),
            content_type=_CONTENT_TYPES[name],
            headers=_HEADERS,
        )

    return serve
