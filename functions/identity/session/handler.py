"""`POST /v1/auth/refresh` and `POST /v1/auth/logout`."""

from __future__ import annotations

from identity.adapters.session_store import SessionStore
from identity.bodies import RefreshTokenBody
from identity.documents import tokens_document
from identity.use_cases.renewal import Renewal
from identity.wiring import TokenSettings, token_desk
from kernel import clock
from kernel.http import Request, Response, api_handler
from kernel.settings import read
from kernel.validation import validated

_settings = read(TokenSettings)
_renewal = Renewal(SessionStore(_settings.identity_table_name), token_desk(_settings))


def refresh(request: Request) -> Response:
    """Spend a refresh token for new tokens."""
    body = validated(RefreshTokenBody, request.json)
    tokens = _renewal.renew(refresh_token=body.refresh_token, now=clock.now())
    return Response(200, tokens_document(tokens))


def log_out(request: Request) -> Response:
    """End the session that a refresh token belongs to, if it is the caller's."""
    user_id = request.user_id
    body = validated(RefreshTokenBody, request.json)
    _renewal.end(refresh_token=body.refresh_token, user_id=user_id, now=clock.now())
    return Response(204)


handler = api_handler({"POST /v1/auth/refresh": refresh, "POST /v1/auth/logout": log_out})
