"""JSON as it is stored: compact text, and nothing in it that JSON cannot say."""

from __future__ import annotations

import json

from kernel.errors import ValidationFailedError
from workflows.domain.automation import Json


def json_text(value: Json) -> str:
    """Render a JSON value compactly.

    Raises
    ------
    ValueError
        If it holds a number that JSON cannot say (`NaN`, `Infinity`).
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def clients_json_text(value: Json, pointer: str) -> str:
    """Render a value out of a request.

    Parameters
    ----------
    pointer
        Where in the request it stands.

    Raises
    ------
    ValidationFailedError
        If it holds a number beyond a double's range, such as `1e400`: JSON can write it, but
        what it was read as cannot be written again.
    """
    try:
        return json_text(value)
    except ValueError:
        message = "must hold no number beyond the range of a double"
        raise ValidationFailedError.at(pointer, "finite_number", message) from None
