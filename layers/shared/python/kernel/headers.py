"""Headers that functions, gateway and distribution have to agree on."""

from __future__ import annotations

from typing import Final

# On every answer of the API, whoever makes it (RFC 9111, RFC 6797, Fetch standard).
SECURITY_HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
}
# What our own CloudFront distribution adds: its secret, and whom it got the request from.
PROOF_HEADER: Final = "X-Origin-Proof"
ADDRESS_HEADER: Final = "X-Viewer-Address"
