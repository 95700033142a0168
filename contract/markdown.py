"""Renders `docs/api.md`: every route with an example in curl, what comes back, and its refusals."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from contract.compatibility import resolved

Json = dict[str, Any]
_VARIABLES: Final = {"purchases": "PURCHASE_ID", "workflows": "WORKFLOW_ID", "runs": "RUN_ID"}
_SIGNATURE: Final = (
    "Omise-Signature: $SIGNATURE",
    "Omise-Signature-Timestamp: $TIMESTAMP",
)
_PREFACE: Final = """\
Made from the code by `make openapi`; a test runs every command below against a deployed stack. The
whole contract is [openapi.json](openapi.json), which a running stack serves at `/v1/openapi.json`
and shows, callable, at `/docs`.

```console
export API=http://127.0.0.1:8000   # `make run`; in AWS the stack's output ApiUrl
export TOKEN=…                     # the access_token of a login
```
"""


def render(document: Json) -> str:
    """Render the page from the OpenAPI document."""
    parts = [f"# The API by example\n\n{_PREFACE}\n{document['info']['description']}"]
    for tag in document["tags"]:
        parts.append(f"## {tag['name'].capitalize()}\n\n{tag['description']}")
        parts += [
            _section(document, method.upper(), path, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            if operation["tags"] == [tag["name"]]
        ]
    return "\n\n".join(parts) + "\n"


def _section(document: Json, method: str, path: str, operation: Json) -> str:
    access = "" if operation["security"] else " *public*"
    parts = [f"### `{method} {path}`{access}", f"{operation['summary']}."]
    if "description" in operation:
        parts.append(operation["description"])
    parts.append(f"```sh\n{_curl(method, path, operation)}\n```")
    parts += _answers(document, operation)
    parts.append(_refusals(document, operation))
    return "\n\n".join(parts)


def _curl(method: str, path: str, operation: Json) -> str:
    verb = "" if method == "GET" else f" -X {method}"
    lines = [f'curl -i{verb} "$API{_with_variable(path)}"']
    lines += [f'-H "{header}"' for header in _headers(path, operation)]
    body = _example_body(operation)
    if body is not None:
        lines += [
            '-H "Content-Type: application/json"',
            f"-d '{_with_variables(json.dumps(body))}'",
        ]
    return " \\\n  ".join(lines)


def _headers(path: str, operation: Json) -> list[str]:
    token = ["Authorization: Bearer $TOKEN"] if operation["security"] else []
    required = [
        "Idempotency-Key: $(uuidgen)"
        for parameter in operation["parameters"]
        if parameter.get("required") and parameter.get("in") == "header"
    ]
    return [*token, *required, *(_SIGNATURE if "webhooks" in path else ())]


def _example_body(operation: Json) -> object:
    if "requestBody" not in operation:
        return None
    examples = operation["requestBody"]["content"]["application/json"]["examples"]
    return next(iter(examples.values()))["value"]


def _with_variables(text: str) -> str:
    """Let the shell fill in what no example can know: the refresh token, the charge."""
    text = re.sub(r'"rt_[^"]*"', "\"'$REFRESH_TOKEN'\"", text)
    return re.sub(r'"chrg_[^"]*"', "\"'$CHARGE_ID'\"", text)


def _with_variable(path: str) -> str:
    variable = _VARIABLES.get(path.split("/")[2] if path.count("/") > 1 else "", "")
    return path.replace("{id}", f"${variable}").replace("{file}", "docs.js")


def _answers(document: Json, operation: Json) -> list[str]:
    parts = []
    for status, response in operation["responses"].items():
        if not status.startswith("2"):
            continue
        answer = resolved(document, response)
        parts.append(f"**{status}** {answer['description']}")
        example = answer.get("content", {}).get("application/json", {}).get("example")
        if example is not None and status in {"200", "201"} | _only_success(operation):
            text = json.dumps(example, indent=2, ensure_ascii=False)
            parts.append(f"```json\n{text}\n```")
    return parts


def _only_success(operation: Json) -> set[str]:
    successes = {status for status in operation["responses"] if status.startswith("2")}
    return successes if len(successes) == 1 else set()


def _refusals(document: Json, operation: Json) -> str:
    named = [
        f"{status} {', '.join(f'`{code}`' for code in _codes(document, response))}"
        for status, response in operation["responses"].items()
        if not status.startswith("2")
    ]
    return f"Refusals: {'; '.join(named)}."


def _codes(document: Json, response: Json) -> list[str]:
    media = resolved(document, response)["content"]["application/problem+json"]
    return list(media["examples"])
