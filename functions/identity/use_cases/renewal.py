"""Renewing a session, and ending it."""

from __future__ import annotations

from datetime import datetime

from identity.adapters.session_store import RotationRefusedError, SessionStore
from identity.domain.refresh_tokens import InvalidRefreshTokenError, RefreshToken
from identity.domain.sessions import RefreshTokenReusedError, Session, repeated_successor
from identity.use_cases.tokens import TokenDesk, Tokens
from kernel.observability import security_event


class Renewal:
    """Trades refresh tokens for new ones, and revokes their families.

    Parameters
    ----------
    sessions
        Where sessions are stored.
    desk
        Issues the tokens.
    """

    def __init__(self, sessions: SessionStore, desk: TokenDesk) -> None:
        self._sessions = sessions
        self._desk = desk

    def renew(self, *, refresh_token: str, now: datetime) -> Tokens:
        """Spend a refresh token for an access token and the token's successor.

        If KMS fails after the token was spent, the client repeats it and gets that successor.

        Raises
        ------
        InvalidRefreshTokenError
            If the token opens no session; where it was spent, its whole family is revoked.
        TemporarilyUnavailableError
            If DynamoDB or KMS does not answer.
        """
        try:
            return self._renew(RefreshToken.parse(refresh_token), now)
        except InvalidRefreshTokenError as refusal:
            security_event("RefreshTokenRefused", refusal.reason)
            raise

    def end(self, *, refresh_token: str, user_id: str, now: datetime) -> None:
        """Revoke the family of a token if it is this user's; otherwise do nothing.

        A spent token ends its family too: who logs out twice wants to be logged out.
        """
        try:
            token = RefreshToken.parse(refresh_token)
        except InvalidRefreshTokenError:
            return
        self._sessions.revoke(token.family_id, now, user_id)

    def _renew(self, token: RefreshToken, now: datetime) -> Tokens:
        successor, expires_at = token.successor(), self._desk.expires_at(now)
        try:
            session = self._sessions.rotate(token, successor, now=now, expires_at=expires_at)
        except RotationRefusedError as refused:
            if refused.session is None:
                raise InvalidRefreshTokenError("unknown") from None
            session = refused.session
            successor = self._repeated(session, token, now)
        return self._desk.tokens(session, successor, now)

    def _repeated(self, session: Session, token: RefreshToken, now: datetime) -> RefreshToken:
        try:
            return repeated_successor(session, token, now)
        except RefreshTokenReusedError:
            self._sessions.revoke(session.family_id, now)
            raise
