"""What a session gives its holder: an access token and a refresh token."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from identity.adapters.access_tokens import AccessTokenIssuer
from identity.domain.refresh_tokens import RefreshToken
from identity.domain.sessions import Session


@dataclass(frozen=True, slots=True, repr=False)
class Tokens:
    """Both tokens as they are sent, and how many seconds each is still valid."""

    access_token: str
    expires_in: int
    refresh_token: str
    refresh_expires_in: int


class TokenDesk:
    """Issues the tokens of sessions.

    Parameters
    ----------
    issuer
        Makes the access tokens.
    refresh_seconds
        How long a refresh token can be used; every renewal starts this anew.
    """

    def __init__(self, issuer: AccessTokenIssuer, refresh_seconds: int) -> None:
        self._issuer = issuer
        self._refresh_lifetime = timedelta(seconds=refresh_seconds)

    def expires_at(self, now: datetime) -> datetime:
        """Return until when a refresh token that is issued now can be used."""
        return now + self._refresh_lifetime

    def tokens(self, session: Session, refresh_token: RefreshToken, now: datetime) -> Tokens:
        """Make what the holder of a session gets.

        Raises
        ------
        TemporarilyUnavailableError
            If KMS does not sign.
        """
        remaining = session.expires_at - now
        return Tokens(
            self._issuer.issue(session.user_id, now),
            self._issuer.lifetime_seconds,
            refresh_token.text,
            math.ceil(remaining.total_seconds()),
        )
