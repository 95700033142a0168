"""Compares two schemas: does the new one take less, does the new one show less.

Both questions are asked of every pair of alternatives (`anyOf`, `oneOf`), since a change is
harmless as long as some alternative of the other side covers each of this one's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

Json = dict[str, Any]
_LOWER_BOUNDS: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER_BOUNDS: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_FORMS: Final = ("pattern", "format")

Compare = Callable[[Json, Json, str], Iterator[str]]


def narrowed(  # two documents, two schemas, and where they stand
    old_document: Json, new_document: Json, old: Json, new: Json, where: str
) -> Iterator[str]:
    """Say what a request could hold by `old` that `new` no longer takes."""

    def compare(before: Json, after: Json, place: str) -> Iterator[str]:
        yield from _value_narrowed(before, after, place)
        members = after.get("properties", {})
        for name in set(after.get("required", ())) - set(before.get("required", ())):
            yield f"{place} asks for {name}"
        for name, member in before.get("properties", {}).items():
            if name in members:
                yield from covered(member, members[name], f"{place} {name}")
            elif after.get("additionalProperties") is False:
                yield f"{place} no longer takes {name}"
        if "items" in before and "items" in after:
            yield from covered(before["items"], after["items"], f"{place} items")

    def covered(before: Json, after: Json, place: str) -> Iterator[str]:
        theirs = alternatives(new_document, after)
        for mine in alternatives(old_document, before):
            yield from _least(compare, [(mine, other) for other in theirs], place)

    yield from covered(old, new, where)


def widened(  # two documents, two schemas, and where they stand
    old_document: Json, new_document: Json, old: Json, new: Json, where: str
) -> Iterator[str]:
    """Say what a client of `old` reads in an answer that `new` may lack or show otherwise."""

    def compare(before: Json, after: Json, place: str) -> Iterator[str]:
        if _types(after) - _types(before) and _types(before):
            yield f"{place} may be another type"
        if "format" in before and after.get("format") != before["format"]:
            yield f"{place} may have another format"
        members = after.get("properties", {})
        for name, member in before.get("properties", {}).items():
            is_required = name in before.get("required", ())
            if name not in members or (is_required and name not in after.get("required", ())):
                yield f"{place} may lack {name}"
            else:
                yield from covered(member, members[name], f"{place} {name}")
        if "items" in before and "items" in after:
            yield from covered(before["items"], after["items"], f"{place} items")

    def covered(before: Json, after: Json, place: str) -> Iterator[str]:
        known = alternatives(old_document, before)
        for shown in alternatives(new_document, after):
            yield from _least(compare, [(mine, shown) for mine in known], place)

    yield from covered(old, new, where)


def alternatives(document: Json, schema: Json) -> list[Json]:
    """Resolve a schema into plain ones, of which a value fits at least one."""
    if "$ref" in schema:
        target: Json = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return alternatives(document, {**target, **_without(schema, "$ref")})
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            rest = _without(schema, keyword)
            return [
                {**rest, **plain}
                for part in schema[keyword]
                for plain in alternatives(document, part)
            ]
    return [schema]


def _least(compare: Compare, pairs: list[tuple[Json, Json]], where: str) -> list[str]:
    """Return the findings of the pair that fits best; none at all if one fits."""
    return min((list(compare(*pair, where)) for pair in pairs), key=len)


def _value_narrowed(old: Json, new: Json, where: str) -> Iterator[str]:
    if (_types(new) and not _types(old) <= _types(new)) or (_types(new) and not _types(old)):
        yield f"{where} must be another type"
    values, known = _values(old), _values(new)
    if known is not None and (values is None or not values <= known):
        yield f"{where} no longer takes every value"
    for keyword in _LOWER_BOUNDS:
        if keyword in new and new[keyword] > old.get(keyword, float("-inf")):
            yield f"{where} has a higher {keyword}"
    for keyword in _UPPER_BOUNDS:
        if keyword in new and new[keyword] < old.get(keyword, float("inf")):
            yield f"{where} has a lower {keyword}"
    for keyword in _FORMS:
        if keyword in new and new[keyword] != old.get(keyword):
            yield f"{where} has another {keyword}"


def _types(schema: Json) -> set[str]:
    named = schema.get("type", [])
    return {named} if isinstance(named, str) else set(named)


def _values(schema: Json) -> set[object] | None:
    if "const" in schema:
        return {schema["const"]}
    return set(schema["enum"]) if "enum" in schema else None


def _without(schema: Json, keyword: str) -> Json:
    return {name: value for name, value in schema.items() if name != keyword}
