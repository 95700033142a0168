"""The page `/docs`: the OpenAPI document, readable and callable in the browser.

`docs.html` and `docs.js` are ours, the rest is Swagger UI, put beside them when the package is
built, at the version that `package-lock.json` pins. Everything comes from this origin, and the
page's policy lets nothing else in.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from kernel.errors import DomainError
from kernel.http import PUBLIC_CACHE, Request, Response

FOLDER: Final = Path(__file__).parent.parent / "static"
FILES: Final = {
    "docs.js": "text/javascript",
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
}
_CHARSET: Final = "; charset=utf-8"
# Swagger UI draws its icons from `data:` and sets style attributes; no script is inline.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


class RouteNotFoundError(DomainError):
    """There is nothing at this path."""

    code = "route_not_found"

    def __init__(self) -> None:
        super().__init__("There is nothing at this path.")


def openapi(_request: Request) -> Response:
    """Show the OpenAPI document, byte for byte as it is committed."""
    return Response(200, _text("openapi.json"), PUBLIC_CACHE)


def page(_request: Request) -> Response:
    """Show the page."""
    headers = {
        **PUBLIC_CACHE,
        "Content-Security-Policy": _POLICY,
        "Referrer-Policy": "no-referrer",
    }
    return Response(200, _text("docs.html"), headers, "text/html" + _CHARSET)


def file(request: Request) -> Response:
    """Show one of the page's files, and no other."""
    name = request.path_parameters["file"]
    if name not in FILES:
        raise RouteNotFoundError
    return Response(200, _text(name), PUBLIC_CACHE, FILES[name] + _CHARSET)


def _text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
