"""AWS Signature Version 4 for one POST with a JSON body, in the standard library.

botocore's signer costs the authorizer more at a cold start than all the rest of it; this is the
part of the specification that a JSON call to one endpoint needs (AWS IAM User Guide, "Create a
signed AWS API request"). A test compares it with botocore's signer.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

_ALGORITHM: Final = "AWS4-HMAC-SHA256"


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
    credentials: Credentials

    def headers(
        self, host: str, headers: Mapping[str, str], body: bytes, now: datetime
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
        now
            The time of sending; AWS refuses requests that are 5 minutes off.
        """
        timestamp = now.strftime("%Y%m%dT%H%M%SZ")
        sent = {**headers, "host": host, "x-amz-date": timestamp}
        if self.credentials.session_token:
            sent["x-amz-security-token"] = self.credentials.session_token
        signed_names = ";".join(sorted(sent))
        scope = f"{timestamp[:8]}/{self.region}/{self.service}/aws4_request"
        to_sign = "\n".join((_ALGORITHM, timestamp, scope, _canonical_hash(sent, body)))
        signature = hmac.new(self._key(timestamp[:8]), to_sign.encode(), "sha256").hexdigest()
        sent["authorization"] = (
            f"{_ALGORITHM} Credential={self.credentials.access_key_id}/{scope}, "
            f"SignedHeaders={signed_names}, Signature={signature}"
        )
        return sent

    def _key(self, date: str) -> bytes:
        key = f"AWS4{self.credentials.secret_access_key}".encode()
        for part in (date, self.region, self.service, "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return key


def _canonical_hash(headers: Mapping[str, str], body: bytes) -> str:
    lines = [f"{name}:{headers[name].strip()}" for name in sorted(headers)]
    body_hash = hashlib.sha256(body).hexdigest()
    request = "\n".join(("POST", "/", "", *lines, "", ";".join(sorted(headers)), body_hash))
    return hashlib.sha256(request.encode()).hexdigest()
