"""Places in a JSON document (RFC 6901)."""

from __future__ import annotations


def pointer(location: tuple[str | int, ...]) -> str:
    """Render a place in a document as a JSON pointer."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in location)
