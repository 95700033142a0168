"""JSON as it is stored: compact text, and nothing in it that JSON cannot say."""

from __future__ import annotations

import json

from workflows.domain.automation import Json


def json_text(value: Json) -> str:
    """Render a JSON value compactly.

    Raises
    ------
    ValueError
        If it holds a number that JSON cannot say (`NaN`, `Infinity`).
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
