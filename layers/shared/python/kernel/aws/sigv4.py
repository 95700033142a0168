"""AWS Signature Version 4 for one POST with a JSON body, in the standard library.

The part of the specification that a JSON call to one endpoint needs (AWS IAM User Guide, "Create a
signed AWS API request"). Tests compare it with botocore's signer.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

_ALGORITHM: Final = "AWS4-HMAC-SHA256"
_TERMINATOR: Final = "aws4_request"


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """An access key; `session_token` belongs to a role's temporary one."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs requests to the root path of one service in one region."""

    service: str
    region: str

    def headers(
        self,
        host: str,
        headers: Mapping[str, str],
        body: bytes,
        credentials: Credentials,
        now: datetime,
    ) -> dict[str, str]:
        """Return the headers to send: those given, and the ones that authenticate the request.

        Parameters
        ----------
        host
            The value of the `Host` header, with the port where it is not the scheme's own.
        headers
            What else is sent, names in lower case.
        body
            The bytes as they are sent.
        credentials
            Whose request it is.
        now
            The time of sending; AWS refuses requests that are 5 minutes off.
        """
        timestamp = now.strftime("%Y%m%dT%H%M%SZ")
        sent = {**headers, "host": host, "x-amz-date": timestamp}
        if credentials.session_token:
            sent["x-amz-security-token"] = credentials.session_token
        names = sorted(sent)
        scope = (timestamp[:8], self.region, self.service, _TERMINATOR)
        to_sign = "\n".join((_ALGORITHM, timestamp, "/".join(scope), _digest(sent, names, body)))
        key = _signing_key(credentials.secret_access_key, scope)
        signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
        sent["authorization"] = (
            f"{_ALGORITHM} Credential={credentials.access_key_id}/{'/'.join(scope)}, "
            f"SignedHeaders={';'.join(names)}, Signature={signature}"
        )
        return sent


@functools.lru_cache(maxsize=8)
def _signing_key(secret_access_key: str, scope: tuple[str, ...]) -> bytes:
    """Derive the key of a day, a region and a service; it serves all that day's requests."""
    key = f"AWS4{secret_access_key}".encode()
    for part in scope:
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def _digest(headers: Mapping[str, str], names: list[str], body: bytes) -> str:
    """Hash the canonical request."""
    lines = [f"{name}:{headers[name].strip()}" for name in names]
    body_hash = hashlib.sha256(body).hexdigest()
    request = "\n".join(("POST", "/", "", *lines, "", ";".join(names), body_hash))
    return hashlib.sha256(request.encode()).hexdigest()
