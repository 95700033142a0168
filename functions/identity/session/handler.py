"""`POST /v1/auth/refresh` and `POST /v1/auth/logout`."""

from __future__ import annotations

from dataclasses import asdict

from identity.adapters.session_store import SessionStore
from identity.application.renewal import Renewal
from identity.wiring import TokenSettings, token_desk
from kernel import clock
from kernel.http import Request, Response, api_handler
from kernel.settings import read
from kernel.validation import RequestModel, validated


class RefreshTokenBody(RequestModel):
    """The body of both routes."""

    refresh_token: str


_settings = read(TokenSettings)
_renewal = Renewal(SessionStore(_settings.identity_table_name), token_desk(_settings))


def refresh(request: Request) -> Response:
    """Spend a refresh token for new tokens."""
    body = validated(RefreshTokenBody, request.json)
    tokens = _renewal.renew(refresh_token=body.refresh_token, now=clock.now())
    return Response(200, {**asdict(tokens), "token_type": "Bearer"})


def log_out(request: Request) -> Response:
    """End the session that a refresh token belongs to, if it is the caller's."""
    user_id = request.user_id
    body = validated(RefreshTokenBody, request.json)
    _renewal.end(refresh_token=body.refresh_token, user_id=user_id, now=clock.now())
    return Response(204)


handler = api_handler({"POST /v1/auth/refresh": refresh, "POST /v1/auth/logout": log_out})
