"""Omise's keys and webhook secrets, from Secrets Manager, kept for a minute.

The secret is one JSON object: `api_url`, `secret_key`, `webhook_secrets` (base64, two of them
during a rotation), and `vault_url` and `public_key` for the browser's side. A changed secret is
picked up without a deployment.
"""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.config import Config

from kernel.errors import TemporarilyUnavailableError
from kernel.observability import logger
from kernel.tracing import follow

MAX_AGE_SECONDS: Final = 60
REFRESH_INTERVAL_SECONDS: Final = 10.0
_TEST_KEY_PREFIX: Final = "skey_test_"
_MAX_WEBHOOK_SECRETS: Final = 4
_CONFIG: Final = Config(
    connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3}
)


class Provider(Protocol):
    """What of Powertools' provider is used here."""

    def get(self, name: str, **options: Any) -> Any:  # noqa: ANN401  # as Powertools has it
        """Return a secret's value."""


@dataclass(frozen=True, slots=True)
class OmiseSecrets:
    """What this deployment and Omise alone know; never shown by `repr`."""

    api_url: str
    secret_key: str = field(repr=False)
    webhook_secrets: tuple[bytes, ...] = field(repr=False)

    @property
    def livemode(self) -> bool:
        """Whether the keys are for real money."""
        return not self.secret_key.startswith(_TEST_KEY_PREFIX)


class OmiseSecretReader:
    """Reads the secret, at most once a minute.

    Parameters
    ----------
    secret_arn
        Where it is.
    provider
        Fetches and caches; Powertools' by default.
    monotonic
        Tells seconds that never go back.
    """

    def __init__(
        self,
        secret_arn: str,
        provider: Provider | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._secret_arn = secret_arn
        self._provider = provider or _provider()
        self._monotonic = monotonic
        self._refreshed_at: float | None = None

    def current(self) -> OmiseSecrets:
        """Return the secret, not older than a minute.

        Raises
        ------
        TemporarilyUnavailableError
            If it cannot be read, or holds no keys yet.
        """
        return self._get(force_fetch=False)

    def refreshed(self) -> OmiseSecrets | None:
        """Return the secret as it is now; None if that was looked up a moment ago.

        A signature that fits no cached secret may be made with a new one. Anybody can send wrong
        signatures, so this is done at most every ten seconds.

        Raises
        ------
        TemporarilyUnavailableError
            As `current`.
        """
        now = self._monotonic()
        if self._refreshed_at is not None and now - self._refreshed_at < REFRESH_INTERVAL_SECONDS:
            return None
        self._refreshed_at = now
        return self._get(force_fetch=True)

    def _get(self, *, force_fetch: bool) -> OmiseSecrets:
        try:
            text = self._provider.get(
                self._secret_arn, max_age=MAX_AGE_SECONDS, force_fetch=force_fetch
            )
            return _secrets(_object(text))
        except (GetParameterError, KeyError, TypeError, ValueError) as error:
            # The error's own text may quote the secret.
            logger.error("omise secret unreadable", extra={"error": type(error).__name__})
            raise TemporarilyUnavailableError("The service is not ready. Try again.") from None


def _provider() -> Provider:
    provider = SecretsProvider(boto_config=_CONFIG)
    follow(provider.client)
    return provider


def _object(text: object) -> Mapping[str, Any]:
    value: Mapping[str, Any] = json.loads(_text(text))
    return value


def _secrets(value: Mapping[str, Any]) -> OmiseSecrets:
    return OmiseSecrets(
        api_url=_base_url(value["api_url"]),
        secret_key=_text(value["secret_key"]),
        webhook_secrets=_webhook_secrets(value.get("webhook_secrets", [])),
    )


def _base_url(value: object) -> str:
    """Let https through, and http where the operator wrote it there: the sandbox."""
    url = _text(value)
    if not url.startswith(("https://", "http://")):
        raise ValueError("api_url")
    return url.rstrip("/") + "/"


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("a text is missing")
    return value


def _webhook_secrets(values: Sequence[str]) -> tuple[bytes, ...]:
    """Decode the secrets; what is empty or no base64 is no secret and verifies nothing."""
    decoded = [_decoded(value) for value in values[:_MAX_WEBHOOK_SECRETS]]
    return tuple(secret for secret in decoded if secret)


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        return b""
