"""Builds the OpenAPI 3.1 document."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

from contract import API_VERSION, problems
from contract.operation import Answer, Body, Operation
from contract.operations import OPERATIONS
from contract.parameters import (
    CORRELATION_ID,
    HEADERS,
    HEADERS_OF_CODE,
    ON_EVERY_RESPONSE,
)
from contract.problems import SHAPES, ProblemDocument, schema_name
from contract.schemas import REF, Schemas
from infra.routes import ROUTES
from kernel import problem

Json = dict[str, Any]

_TAGS: Final = {
    "identity": "Accounts and sessions.",
    "billing": "Packages, purchases, the account and its ledger.",
    "workflows": "Automations, workflows and their runs.",
    "edge": "The API itself.",
}
_ABOUT: Final = """\
Buy credits, spend them to run workflows.

Times are RFC 3339 in UTC, money is an integer in the smallest unit beside its currency, credits
are integers. Errors are problem documents (RFC 9457): compare their `code`. Clients ignore members
and tolerate values of enumerations that they do not know; such additions need no new version.

Bodies are UTF-8; U+FFFD is sent escaped. Unknown members of a body and unknown query parameters of
a list are refused. An unknown path is answered with 404 `route_not_found`, a wrong method with 405
`method_not_allowed`; both come before 401."""
_SECURITY: Final = {
    "accessToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The `access_token` of `POST /v1/auth/login`.",
    }
}


def build() -> Json:
    """Build the document from the code as it is now.

    Raises
    ------
    KeyError
        If an operation is declared that is not routed, or the other way round.
    """
    schemas = Schemas()
    paths: dict[str, Json] = defaultdict(dict)
    declared = {operation.route: operation for operation in OPERATIONS}
    for route in ROUTES:
        operation = declared.pop(f"{route.method} {route.path}")
        tag = route.function.split("/", maxsplit=1)[0]
        paths[route.path][route.method.lower()] = _operation(
            operation, schemas, tag=tag, public=route.public
        )
    if declared:
        raise KeyError(f"declared, but not routed: {', '.join(declared)}")
    _add_problems(schemas)
    return _document(dict(paths), dict(sorted(schemas.components.items())))


def _document(paths: Json, schemas: Json) -> Json:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Credit Engine",
            "version": API_VERSION,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "Where this document came from."}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {code: _refusal([code]) for code in SHAPES},
            "headers": HEADERS,
            "parameters": {CORRELATION_ID.name: CORRELATION_ID.as_json()},
            "examples": {
                code: {"summary": problem.KINDS[code].title, "value": problems.example(code)}
                for code in SHAPES
            },
            "securitySchemes": _SECURITY,
        },
    }


def _operation(operation: Operation, schemas: Schemas, *, tag: str, public: bool) -> Json:
    parameters: list[Json] = [parameter.as_json() for parameter in operation.parameters]
    rendered: Json = {
        "operationId": operation.id,
        "tags": [tag],
        "summary": operation.summary,
        "description": operation.description,
        "security": [] if public else [{"accessToken": []}],
        "parameters": [*parameters, {"$ref": f"#/components/parameters/{CORRELATION_ID.name}"}],
        "requestBody": _request_body(operation.body, schemas) if operation.body else None,
        "responses": {
            **{str(answer.status): _answer(answer, schemas) for answer in operation.answers},
            **_refusals(operation, public=public),
        },
    }
    return {name: value for name, value in rendered.items() if value not in ("", None)}


def _request_body(body: Body, schemas: Schemas) -> Json:
    media = {
        "schema": schemas.of(body.model),
        "examples": {name: {"value": example} for name, example in body.examples.items()},
    }
    return {"required": body.required, "content": {"application/json": media}}


def _answer(answer: Answer, schemas: Schemas) -> Json:
    rendered: Json = {
        "description": answer.description,
        "headers": _headers((*ON_EVERY_RESPONSE, *answer.headers)),
    }
    if answer.document is not None:
        media: Json = {"schema": schemas.of(answer.document)}
        if answer.example is not None:
            media["example"] = answer.example
        rendered["content"] = dict.fromkeys(answer.content_types, media)
    if answer.links:
        rendered["links"] = {name: _link(name) for name in answer.links}
    return rendered


def _link(operation_id: str) -> Json:
    return {"operationId": operation_id, "parameters": {"id": "$response.body#/id"}}


def _headers(names: tuple[str, ...]) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _refusals(operation: Operation, *, public: bool) -> Json:
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in problems.codes_of(operation, public=public):
        by_status[problem.KINDS[code].status].append(code)
    return {
        str(status): _refusal(codes)
        if len(codes) > 1
        else {"$ref": f"#/components/responses/{codes[0]}"}
        for status, codes in sorted(by_status.items())
    }


def _refusal(codes: list[str]) -> Json:
    references = [{"$ref": REF + schema_name(code)} for code in codes]
    own = sorted({name for code in codes for name in HEADERS_OF_CODE.get(code, ())})
    media = {
        "schema": references[0] if len(references) == 1 else {"oneOf": references},
        "examples": {code: {"$ref": f"#/components/examples/{code}"} for code in codes},
    }
    return {
        "description": "; ".join(problem.KINDS[code].title for code in codes) + ".",
        "headers": _headers((*ON_EVERY_RESPONSE, *own)),
        "content": {problem.CONTENT_TYPE: media},
    }


def _add_problems(schemas: Schemas) -> None:
    """Make a schema of each code, so that a client knows its members and nothing but its codes."""
    base = schemas.of(ProblemDocument)
    for code, shape in SHAPES.items():
        members = schemas.of(shape.members) if shape.members else None
        own = {"code": {"const": code}, "status": {"const": problem.KINDS[code].status}}
        parts = [base, *([members] if members else []), {"properties": own}]
        schemas.add(schema_name(code), {"allOf": parts})
