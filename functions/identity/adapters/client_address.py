"""Whose attempts are counted together: the client's address, also where CloudFront is in between.

The gateway names whoever connected to it. Of a request by way of the console that is CloudFront,
which names the client in `X-Viewer-Address`. That counts only beside the secret that our own
distribution adds; without it, anybody could write any address into the header.
"""

from __future__ import annotations

import hmac
import ipaddress
from functools import cached_property
from typing import Any, Final, Protocol

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.config import Config

from kernel.http import Request
from kernel.observability import logger

PROOF_HEADER: Final = "x-origin-proof"
ADDRESS_HEADER: Final = "x-viewer-address"
_NOT_THERE: Final = "-"
_MAX_AGE_SECONDS: Final = 300
# A login waits for this once in five minutes, and does without it when it takes longer.
_CONFIG: Final = Config(connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 1})


class Provider(Protocol):
    """What of Powertools' provider is used here."""

    def get(self, name: str, **options: Any) -> Any:  # noqa: ANN401  # as Powertools has it
        """Return a secret's value."""


class ClientAddresses:
    """Tells a request's client address.

    Parameters
    ----------
    secret_arn
        Where the secret of our distribution is; `-` where there is none.
    provider
        Fetches and caches it; Powertools' by default, made when first needed.
    """

    def __init__(self, secret_arn: str, provider: Provider | None = None) -> None:
        self._secret_arn = secret_arn
        self._given_provider = provider

    def of(self, request: Request) -> str:
        """Return the client's address: what our CloudFront says, else what the gateway says."""
        named = request.headers.get(ADDRESS_HEADER, "")
        proof = request.headers.get(PROOF_HEADER, "")
        if named and proof and self._proves(proof) and _is_address(named):
            return named
        return request.source_ip

    def _proves(self, proof: str) -> bool:
        """Compare in constant time; a secret that cannot be read proves nothing."""
        if self._secret_arn == _NOT_THERE:
            return False
        try:
            secret = self._provider.get(self._secret_arn, max_age=_MAX_AGE_SECONDS)
        except GetParameterError:
            logger.warning("origin proof unreadable")
            return False
        return hmac.compare_digest(proof.encode(), str(secret).encode())

    @cached_property
    def _provider(self) -> Provider:
        return self._given_provider or SecretsProvider(boto_config=_CONFIG)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
