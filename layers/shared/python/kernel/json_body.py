"""A request's JSON body: bounded in size and depth, strict in syntax."""

from __future__ import annotations

import json
import math
from typing import Final, NoReturn

from kernel.errors import DomainError

MAX_BYTES: Final = 64 * 1024
MAX_DEPTH: Final = 16


class MalformedJsonError(DomainError):
    """The body is no JSON text (RFC 8259), or is nested too deeply."""

    code = "malformed_json"


class PayloadTooLargeError(DomainError):
    """The body is larger than the API takes."""

    code = "payload_too_large"


def parse(body: bytes, max_bytes: int = MAX_BYTES) -> object:
    """Parse a body.

    Parameters
    ----------
    body
        The bytes as they were sent.
    max_bytes
        The size up to which a body is taken.

    Raises
    ------
    PayloadTooLargeError
        If the body is larger than `max_bytes`.
    MalformedJsonError
        If it is not UTF-8 JSON, names a member of an object twice, holds a lone surrogate or a
        number that is none (`NaN`) or too large for one (`1e400`), or is nested deeper than 16
        levels.
    """
    if len(body) > max_bytes:
        raise PayloadTooLargeError(f"The body must not be larger than {max_bytes // 1024} KiB.")
    try:
        value: object = json.loads(
            body.decode("utf-8"),
            parse_constant=_refuse_constant,
            parse_float=_finite,
            object_pairs_hook=_unique,
        )
        _refuse_lone_surrogates(value)
    except (ValueError, RecursionError):
        raise MalformedJsonError("The body is not valid JSON.") from None
    if _is_deeper_than(value, MAX_DEPTH):
        raise MalformedJsonError(f"The body is nested deeper than {MAX_DEPTH} levels.")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(digits)
    return number


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is named twice")
    return members


def _refuse_lone_surrogates(value: object) -> None:
    json.dumps(value, ensure_ascii=False).encode("utf-8")


def _is_deeper_than(value: object, levels: int) -> bool:
    layer = [value]
    for _ in range(levels):
        layer = [child for item in layer for child in _children(item)]
        if not layer:
            return False
    return any(isinstance(item, dict | list) for item in layer)


def _children(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
