"""Signing webhooks: https://docs.omise.co/api-webhooks, “Verifying webhook signatures”."""

import base64
import hashlib
import hmac
from collections.abc import Iterable


def sign(secrets: Iterable[str], timestamp: str, body: bytes) -> str:
    """Return the value of ``Omise-Signature``.

    Parameters
    ----------
    secrets
        The webhook secrets in force, base64, newest first; two while a rotation is on.
    timestamp
        The value of ``Omise-Signature-Timestamp``, epoch seconds in decimal.
    body
        The raw bytes that are sent.

    Returns
    -------
    str
        One hex HMAC-SHA256 over ``timestamp.body`` per secret, separated by commas.
    """
    message = timestamp.encode() + b"." + body
    return ",".join(
        hmac.new(base64.b64decode(secret), message, hashlib.sha256).hexdigest()
        for secret in secrets
    )
