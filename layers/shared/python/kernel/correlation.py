"""One id for everything that one request sets in motion."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from kernel.ids import new_id

HEADER: Final = "X-Correlation-Id"
PATTERN: Final = r"[A-Za-z0-9._-]{1,128}"


def correlation_id_of(headers: Mapping[str, str], fallback: str | None = None) -> str:
    """Take the caller's correlation id, or replace it where it is absent or malformed.

    Parameters
    ----------
    headers
        The request's headers, names in lower case.
    fallback
        The id to use instead, for example the gateway's request id.
    """
    given = headers.get(HEADER.lower(), "")
    if re.fullmatch(PATTERN, given):
        return given
    return fallback or new_id("cor")
