"""Conditional requests (RFC 9110, section 13): a workflow's version is its entity tag."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_ANY: Final = "*"
_STRONG_TAG: Final = re.compile(r'"([0-9]{1,15})"')


def entity_tag(version: int) -> str:
    """Return the `ETag` of a version."""
    return f'"{version}"'


def expected_versions(headers: Mapping[str, str]) -> frozenset[int] | None:
    """Read `If-Match`: the versions that the caller knows, or None if any will do.

    Tags that are weak or were never ours match no version (strong comparison, section 8.8.3.2).
    """
    field = headers.get("if-match", _ANY).strip()
    if field == _ANY:
        return None
    tags = (_STRONG_TAG.fullmatch(tag.strip()) for tag in field.split(","))
    return frozenset(int(tag[1]) for tag in tags if tag)
