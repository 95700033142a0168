"""How long a client wants to wait (RFC 7240, `Prefer: wait=N` and `respond-async`)."""

from __future__ import annotations

import re
from typing import Final

DEFAULT_SECONDS: Final = 5
MAX_SECONDS: Final = 10
_WAIT: Final = re.compile(r'wait\s*=\s*"?([0-9]{1,6})"?')
_MAX_PREFERENCES: Final = 16


def wait_seconds(header: str) -> int:
    """Read the seconds out of a `Prefer` header.

    A preference is no demand: what is not understood is ignored, and what is too long is cut to
    ten seconds. With both, `wait` says how long an answer may take before it becomes a 202.
    """
    asks_for_async = False
    for part in header.lower().split(",", _MAX_PREFERENCES)[:_MAX_PREFERENCES]:
        preference = part.partition(";")[0].strip()
        wait = _WAIT.fullmatch(preference)
        if wait:
            return min(int(wait[1]), MAX_SECONDS)
        asks_for_async = asks_for_async or preference == "respond-async"
    return 0 if asks_for_async else DEFAULT_SECONDS
