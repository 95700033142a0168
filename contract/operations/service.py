"""The API itself: health, this document, and its viewer."""

from __future__ import annotations

from typing import Any, Final

from contract.operation import Answer, Operation, Parameter
from edge.documents import HealthDocument
from edge.service.viewer import FILES

_HEALTH: Final = {"status": "ok", "version": "0.1.0"}

OPERATIONS: Final = (
    Operation(
        "GET /v1/health",
        "getHealth",
        "Tell whether the API answers",
        (Answer(200, "It does.", HealthDocument, _HEALTH),),
    ),
    Operation(
        "GET /v1/openapi.json",
        "getOpenApiDocument",
        "Show this document",
        (Answer(200, "OpenAPI 3.1.", dict[str, Any]),),
    ),
    Operation(
        "GET /docs",
        "getDocs",
        "Read and call the API in the browser",
        (Answer(200, "A page that shows this document.", str, content_types=("text/html",)),),
    ),
    Operation(
        "GET /docs/{file}",
        "getDocsFile",
        "Show a file of that page",
        (Answer(200, "The file.", str, content_types=("text/css", "text/javascript")),),
        parameters=(
            Parameter(
                "file",
                "path",
                "The file's name.",
                {"type": "string", "enum": sorted(FILES)},
                required=True,
            ),
        ),
        problems=("route_not_found",),
    ),
)
