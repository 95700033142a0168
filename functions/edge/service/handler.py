"""`GET /v1/health`, and 405 for every method that a resource does not have."""

from __future__ import annotations

import json
from dataclasses import dataclass

from kernel import settings
from kernel.http import MethodNotAllowedError, Request, Response, api_handler


@dataclass(frozen=True, slots=True)
class Settings:
    """What the deployment tells this function.

    `allowed_methods` is a JSON object: the methods of each resource, comma-separated.
    """

    version: str
    allowed_methods: str


_SETTINGS = settings.read(Settings)
_ALLOWED: dict[str, str] = json.loads(_SETTINGS.allowed_methods)


def health(_request: Request) -> Response:
    """Tell that the API answers, and in which version."""
    return Response(200, {"status": "ok", "version": _SETTINGS.version})


def refuse_method(request: Request) -> Response:
    """Name the methods that the resource has instead."""
    _, resource = request.route.split(" ", 1)
    raise MethodNotAllowedError(_ALLOWED[resource].split(", "))


handler = api_handler({"GET /v1/health": health}, fallback=refuse_method)
