"""Sessions: one family of refresh tokens per login, of which one token is valid at a time.

Each renewal spends the token and issues its successor. A spent token that comes back means that
two parties hold the family, so it ends (RFC 9700, section 4.14.2) — except within 30 s and while
the successor is unused: then the answer got lost, or two tabs renewed at once, and the same
successor is given again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from identity.domain.refresh_tokens import InvalidRefreshTokenError, RefreshToken

GRACE: Final = timedelta(seconds=30)


class RefreshTokenReusedError(InvalidRefreshTokenError):
    """A spent token came back: the family must be revoked."""

    def __init__(self) -> None:
        super().__init__("reused")


@dataclass(frozen=True, slots=True)
class Rotation:
    """The last renewal of a session: which token was spent, when, and its sealed successor."""

    spent_digest: str
    spent_at: datetime
    sealed_successor: bytes


@dataclass(frozen=True, slots=True)
class Session:
    """One family of refresh tokens, as it is stored.

    `token_digest` belongs to the one valid token; `rotation` is `None` until the first renewal.
    """

    family_id: str
    user_id: str
    token_digest: str
    expires_at: datetime
    rotation: Rotation | None = None
    revoked_at: datetime | None = None


def repeated_successor(session: Session, token: RefreshToken, now: datetime) -> RefreshToken:
    """Judge a token that is not its family's valid one.

    Returns
    -------
    RefreshToken
        The successor to give again, where this is a repeat.

    Raises
    ------
    RefreshTokenReusedError
        If the token was spent, and this is no repeat: revoke the family.
    InvalidRefreshTokenError
        If the session is over anyway.
    """
    if session.revoked_at is not None:
        raise InvalidRefreshTokenError("revoked")
    if session.expires_at <= now:
        raise InvalidRefreshTokenError("expired")
    rotation = session.rotation
    if rotation is None or rotation.spent_digest != token.digest:
        raise RefreshTokenReusedError
    if now - rotation.spent_at > GRACE:
        raise RefreshTokenReusedError
    return token.unseal(rotation.sealed_successor)
