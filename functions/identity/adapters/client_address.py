"""Whose attempts are counted together: the client's address, also where CloudFront is in between.

The gateway names whoever connected to it. Of a request by way of the console that is CloudFront,
which names the client in `X-Viewer-Address`. That counts only beside the secret that our own
distribution adds; without it, anybody could write any address into the header.
"""

from __future__ import annotations

import hmac
import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kernel.aws.json_api import AwsError
from kernel.headers import ADDRESS_HEADER, PROOF_HEADER
from kernel.http import Request
from kernel.observability import logger
from kernel.secrets_manager import secret_text

_NOT_THERE: Final = "-"
_MAX_AGE_SECONDS: Final = 300.0
_RETRY_SECONDS: Final = (
    30.0  # logins do without a secret that cannot be read, and do not wait for it
)


@dataclass(frozen=True, slots=True)
class ClientAddress:
    """Where a request came from; not certain where that may be a CloudFront that others use too."""

    text: str
    is_certain: bool


class ClientAddresses:
    """Tells a request's client address.

    Parameters
    ----------
    secret_arn
        Where the secret of our distribution is; `-` where there is none.
    fetch
        Reads the secret's current text.
    monotonic
        Tells seconds that never go back.
    """

    def __init__(
        self,
        secret_arn: str,
        fetch: Callable[[str], str] = secret_text,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._secret_arn = secret_arn
        self._fetch = fetch
        self._monotonic = monotonic
        self._held: str | None = None
        self._good_until = float("-inf")

    def of(self, request: Request) -> ClientAddress:
        """Return the client's address: what our CloudFront says, else what the gateway says."""
        named = request.headers.get(ADDRESS_HEADER.lower(), "")
        proof = request.headers.get(PROOF_HEADER.lower(), "")
        if named and proof and self._proves(proof) and _is_address(named):
            return ClientAddress(named, is_certain=True)
        address, is_direct = request.source_ip, not (named or proof)
        return ClientAddress(address, is_certain=is_direct and _is_address(address))

    def _proves(self, proof: str) -> bool:
        """Compare in constant time; a secret that cannot be read proves nothing."""
        if self._secret_arn == _NOT_THERE:
            return False
        secret = self._secret()
        return secret is not None and hmac.compare_digest(proof.encode(), secret.encode())

    def _secret(self) -> str | None:
        """Return the secret as it was within five minutes; None where it cannot be read."""
        now = self._monotonic()
        if now >= self._good_until:
            try:
                self._held, self._good_until = self._fetch(self._secret_arn), now + _MAX_AGE_SECONDS
            except (AwsError, KeyError):
                logger.warning("origin proof unreadable")
                self._held, self._good_until = None, now + _RETRY_SECONDS
        return self._held


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
