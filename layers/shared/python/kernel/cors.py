"""Which other origins' scripts may read an answer (Fetch standard, CORS protocol).

The console is on the API's own origin and needs none of this. No credentials are allowed along:
access tokens are sent in a header by the script itself, and there are no cookies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kernel.correlation import HEADER as CORRELATION_HEADER

EXPOSED_HEADERS: Final = (
    "ETag",
    "Idempotent-Replayed",
    "Location",
    "Retry-After",
    CORRELATION_HEADER,
)


@dataclass(frozen=True)
class Cors:
    """The origins that are let in; as a function's settings, from `CORS_ORIGINS`."""

    cors_origins: tuple[str, ...] = ()

    def headers_for(self, request_headers: Mapping[str, str]) -> dict[str, str]:
        """Return the headers of an answer.

        Parameters
        ----------
        request_headers
            The request's, names in lower case.
        """
        if not self.cors_origins:
            return {}
        vary = {"Vary": "Origin"}  # a cache must not give one origin the answer for another
        origin = request_headers.get("origin", "")
        if origin not in self.cors_origins:
            return vary
        exposed = {"Access-Control-Expose-Headers": ", ".join(EXPOSED_HEADERS)}
        return {**vary, **exposed, "Access-Control-Allow-Origin": origin}
