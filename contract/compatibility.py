"""Finds the changes of the document that would break a client.

What a client sends must still be taken: nothing that a request could hold is removed or narrowed
(this API refuses unknown members and parameters), nothing is asked for in addition. What a client
reads must still be there: no operation, success status, header or member is removed, made optional
or made another type. Additions are no breaks: clients ignore members and tolerate enumerated
values and error codes that they do not know.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from contract.narrowing import narrowed, widened

Json = dict[str, Any]
_METHODS: Final = ("delete", "get", "patch", "post", "put")


def breaking_changes(old: Json, new: Json) -> list[str]:
    """List what breaks clients of `old`, each as one sentence; nothing if they go on working."""
    findings = [*_code_changes(old, new)]
    for path, method, operation in _operations(old):
        changed = new["paths"].get(path, {}).get(method)
        name = f"{method.upper()} {path}"
        if changed is None:
            findings.append(f"{name} is gone")
        else:
            comparison = _Comparison(old, new, name)
            findings += comparison.findings(operation, changed)
    return findings


def major(document: Json) -> int:
    """Read the major version of a document."""
    return int(document["info"]["version"].split(".")[0])


class _Comparison:
    """Two versions of one operation."""

    def __init__(self, old: Json, new: Json, name: str) -> None:
        self._old = old
        self._new = new
        self._name = name

    def findings(self, old: Json, new: Json) -> Iterator[str]:
        if not old["security"] and new["security"]:
            yield f"{self._name} asks for a token"
        yield from self._parameters(old.get("parameters", []), new.get("parameters", []))
        yield from self._body(old.get("requestBody"), new.get("requestBody"))
        yield from self._responses(old["responses"], new["responses"])

    def _parameters(self, old: list[Json], new: list[Json]) -> Iterator[str]:
        before = {_key(p): p for p in (resolved(self._old, p) for p in old)}
        after = {_key(p): p for p in (resolved(self._new, p) for p in new)}
        for key, parameter in after.items():
            was = before.get(key)
            if parameter["required"] and not (was and was["required"]):
                yield f"{self._name} asks for {' '.join(key)}"
        for key, parameter in before.items():
            if key not in after:
                yield f"{self._name} no longer takes {' '.join(key)}"
                continue
            where = f"{self._name} {' '.join(key)}"
            pair = parameter["schema"], after[key]["schema"]
            yield from narrowed(self._old, self._new, *pair, where)

    def _body(self, old: Json | None, new: Json | None) -> Iterator[str]:
        if new and new["required"] and not (old and old["required"]):
            yield f"{self._name} asks for a body"
        for media_type, media in (old or {}).get("content", {}).items():
            taken = (new or {}).get("content", {}).get(media_type)
            if taken is None:
                yield f"{self._name} no longer takes {media_type}"
                continue
            where = f"{self._name} body"
            yield from narrowed(self._old, self._new, media["schema"], taken["schema"], where)

    def _responses(self, old: Json, new: Json) -> Iterator[str]:
        before, after = ({s for s in statuses if s.startswith("2")} for statuses in (old, new))
        for status in sorted(before ^ after):
            change = "no longer answers" if status in before else "now also answers"
            yield f"{self._name} {change} {status}"
        for status in sorted(old.keys() & new.keys()):
            was = resolved(self._old, old[status])
            yield from self._response(was, resolved(self._new, new[status]), status)

    def _response(self, old: Json, new: Json, status: str) -> Iterator[str]:
        where = f"{self._name} {status}"
        for name, header in old.get("headers", {}).items():
            now = new.get("headers", {}).get(name)
            if now is None or _is_required(self._old, header) > _is_required(self._new, now):
                yield f"{where} may lack the header {name}"
        for media_type, media in old.get("content", {}).items():
            shown = new.get("content", {}).get(media_type)
            if shown is None:
                yield f"{where} is no longer {media_type}"
            elif status.startswith("2"):
                pair = media["schema"], shown["schema"]
                yield from widened(self._old, self._new, *pair, where)


def resolved(document: Json, value: Json) -> Json:
    """Follow a reference of a document, if it is one."""
    if "$ref" not in value:
        return value
    target: Json = document
    for step in value["$ref"].removeprefix("#/").split("/"):
        target = target[step]
    return target


def _operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                yield path, method, methods[method]


def _code_changes(old: Json, new: Json) -> Iterator[str]:
    """Hold every code to the status that it had."""
    for code, example in old["components"]["examples"].items():
        now = new["components"]["examples"].get(code)
        if now and now["value"]["status"] != example["value"]["status"]:
            yield f"{code} is another status"


def _key(parameter: Json) -> tuple[str, str]:
    return parameter["in"], parameter["name"]


def _is_required(document: Json, header: Json) -> bool:
    return bool(resolved(document, header).get("required", False))
