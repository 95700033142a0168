"""What a command prints: a document, for people or for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any


def text_of(document: Mapping[str, Any], *, as_json: bool) -> str:
    """Render a document as JSON, or as lines of names and values."""
    if as_json:
        return json.dumps(document, indent=2, ensure_ascii=False)
    return "\n".join(_lines(document))


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    width = max((len(name) for name in document), default=0)
    for name, value in document.items():
        if isinstance(value, list):
            yield f"{name:<{width}}  {len(value)}"
            yield from (f"  {_flat(one)}" for one in value)
        else:
            yield f"{name:<{width}}  {_flat(value)}"


def _flat(value: object) -> str:
    if isinstance(value, Mapping):
        told = ((name, one) for name, one in value.items() if one not in (None, {}, []))
        return " ".join(f"{name}={_flat(one)}" for name, one in told)
    if isinstance(value, list):
        return "[" + ", ".join(_flat(one) for one in value) + "]"
    return "-" if value is None else str(value)
