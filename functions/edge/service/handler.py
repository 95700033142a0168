"""Health, the OpenAPI document, its viewer, and 405 for every method that a resource has not."""

from __future__ import annotations

import json
from dataclasses import dataclass

from edge.documents import HealthDocument
from edge.service import viewer
from kernel import settings
from kernel.http import MethodNotAllowedError, Request, Response, api_handler


@dataclass(frozen=True, slots=True)
class Settings:
    """What this function is told by its environment.

    `allowed_methods` is a JSON object: the methods of each resource, comma-separated.
    """

    version: str
    allowed_methods: str


_SETTINGS = settings.read(Settings)
_ALLOWED: dict[str, str] = json.loads(_SETTINGS.allowed_methods)


def health(_request: Request) -> Response:
    """Tell that the API answers, and in which version."""
    document: HealthDocument = {"status": "ok", "version": _SETTINGS.version}
    return Response(200, document)


def refuse_method(request: Request) -> Response:
    """Name the methods that the resource has instead."""
    _, resource = request.route.split(" ", 1)
    raise MethodNotAllowedError(_ALLOWED[resource].split(", "))


handler = api_handler(
    {
        "GET /v1/health": health,
        "GET /v1/openapi.json": viewer.openapi,
        "GET /docs": viewer.page,
        "GET /docs/{file}": viewer.file,
    },
    fallback=refuse_method,
)
