"""Omise's webhook signatures.

Rule: `Omise-Signature` holds hex(HMAC-SHA256(base64decode(secret), timestamp + "." + raw body)),
and two of them, comma-separated, during the 24 hours of a secret's rotation; the timestamp comes
in `Omise-Signature-Timestamp`. https://docs.omise.co/api-webhooks
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from kernel.errors import DomainError

TOLERANCE_SECONDS: Final = 300
SIGNATURE_HEADER: Final = "omise-signature"
TIMESTAMP_HEADER: Final = "omise-signature-timestamp"
_MAX_SIGNATURES: Final = 4
_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}")
_SIGNATURE: Final = re.compile(r"[0-9a-fA-F]{64}")


class WebhookRejectedError(DomainError):
    """A notice that Omise did not send, or that does not fit what Omise says when asked.

    Parameters
    ----------
    reason
        Why, one of few stable words; for the log alone, since the sender may be an attacker.
    """

    code = "webhook_rejected"

    def __init__(self, reason: str) -> None:
        super().__init__("The event was not accepted.")
        self.reason = reason


def verify_signature(
    raw: bytes, headers: Mapping[str, str], secrets: Sequence[bytes], now: datetime
) -> None:
    """Make sure that Omise signed exactly these bytes a moment ago.

    Parameters
    ----------
    raw
        The body's bytes as they came.
    headers
        The request's headers, names in lower case.
    secrets
        The decoded secrets; during a rotation two. None, or only empty ones, refuse everything.
    now
        The time of the arrival.

    Raises
    ------
    WebhookRejectedError
        If no signature fits, the timestamp is off by more than five minutes, or either is missing.
    """
    timestamp = headers.get(TIMESTAMP_HEADER, "").strip()
    signatures = _signatures(headers.get(SIGNATURE_HEADER, ""))
    if not (timestamp and signatures):
        raise WebhookRejectedError("signature_missing")
    if not _is_fresh(timestamp, now):
        raise WebhookRejectedError("timestamp_stale")
    message = timestamp.encode() + b"." + raw
    expected = [hmac.digest(secret, message, "sha256") for secret in secrets if secret]
    # Every pair is compared, so the time taken tells nothing about which one fits.
    matches = [hmac.compare_digest(given, own) for given in signatures for own in expected]
    if not any(matches):
        raise WebhookRejectedError("signature_wrong")


def _signatures(header: str) -> list[bytes]:
    parts = [part.strip() for part in header.split(",", _MAX_SIGNATURES)[:_MAX_SIGNATURES]]
    return [bytes.fromhex(part) for part in parts if _SIGNATURE.fullmatch(part)]


def _is_fresh(timestamp: str, now: datetime) -> bool:
    if not _TIMESTAMP.fullmatch(timestamp):
        return False
    return abs(now.timestamp() - int(timestamp)) <= TOLERANCE_SECONDS
