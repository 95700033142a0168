"""The webhook secrets in force: one, or two during the 24 hours of a rotation."""

import base64
import json
import secrets
from typing import Final

from local.omise_sandbox.clock import Clock
from local.omise_sandbox.store import Store

_SETTING: Final = "rotated_webhook_secrets"
_ROTATION_SECONDS: Final = 24 * 3600
_SECRET_BYTES: Final = 32


class WebhookSecrets:
    """Keeps the secrets and rotates them.

    Parameters
    ----------
    original
        The base64 secret that the sandbox was started with, or none.
    store
        Where later secrets are kept.
    clock
        Says when a rotation is over.
    """

    def __init__(self, original: str | None, store: Store, clock: Clock) -> None:
        self._original = original
        self._store = store
        self._clock = clock

    def in_force(self) -> tuple[str, ...]:
        """Return the secrets that webhooks are signed with, newest first."""
        history = self._history()
        if len(history) > 1 and self._clock.now() >= history[0][1] + _ROTATION_SECONDS:
            history = history[:1]
        return tuple(secret for secret, _ in history[:2])

    def rotate(self) -> tuple[str, ...]:
        """Make a new secret beside the current one and return those in force."""
        fresh = base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
        history = [(fresh, self._clock.now()), *self._history()[:1]]
        self._store.change_setting(_SETTING, json.dumps(history))
        return self.in_force()

    def _history(self) -> list[tuple[str, int]]:
        stored: list[tuple[str, int]] = json.loads(self._store.setting(_SETTING, "[]"))
        if stored:
            return stored
        return [(self._original, 0)] if self._original else []
