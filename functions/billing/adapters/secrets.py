"""Omise's keys and webhook secrets, from Secrets Manager, kept for a minute.

The secret is one JSON object: `api_url`, `secret_key` and `webhook_secrets` (base64, two of them
during a rotation). A changed secret is picked up without a deployment.
"""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from kernel.aws.json_api import AwsError
from kernel.errors import TemporarilyUnavailableError
from kernel.observability import logger
from kernel.secrets_manager import secret_text

MAX_AGE_SECONDS: Final = 60
REFRESH_INTERVAL_SECONDS: Final = 10.0
_TEST_KEY_PREFIX: Final = "skey_test_"
_MAX_WEBHOOK_SECRETS: Final = 4


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
    fetch
        Returns the secret's text as it is now.
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
        self._held: tuple[OmiseSecrets, float] | None = None
        self._refreshed_at: float | None = None

    def current(self) -> OmiseSecrets:
        """Return the secret, not older than a minute.

        Raises
        ------
        TemporarilyUnavailableError
            If it cannot be read, or holds no keys yet.
        """
        if self._held is not None and self._monotonic() - self._held[1] < MAX_AGE_SECONDS:
            return self._held[0]
        return self._read()

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
        return self._read()

    def _read(self) -> OmiseSecrets:
        now = self._monotonic()  # before the call, so that nothing is held for longer
        try:
            secrets = _secrets(_object(self._fetch(self._secret_arn)))
        except (AwsError, KeyError, TypeError, ValueError) as error:
            # The error's own text may quote the secret.
            logger.error("omise secret unreadable", extra={"error": type(error).__name__})
            raise TemporarilyUnavailableError("The service is not ready. Try again.") from None
        self._held = secrets, now
        return secrets


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
