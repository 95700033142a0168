"""`GET /v1/me` and `GET /v1/.well-known/jwks.json`."""

from __future__ import annotations

from dataclasses import dataclass

from identity.adapters.kms import Kms
from identity.adapters.signing_keys import SigningKeys
from identity.adapters.user_store import UserStore
from identity.documents import user_document
from kernel.http import PUBLIC_CACHE, Request, Response, UnauthorizedError, api_handler
from kernel.settings import read


@dataclass(frozen=True)
class Settings:
    """What this function is told by its environment."""

    identity_table_name: str
    signing_key_ids: tuple[str, ...]


_settings = read(Settings)
_users = UserStore(_settings.identity_table_name)
_keys = SigningKeys(Kms.from_environment(), _settings.signing_key_ids)


def me(request: Request) -> Response:
    """Show the caller's own account."""
    user = _users.find(request.user_id)
    if user is None:
        raise UnauthorizedError("The account of this token is gone.")
    return Response(200, user_document(user))


def jwks(_request: Request) -> Response:
    """Show the keys that verify access tokens."""
    return Response(200, _keys.jwks(), PUBLIC_CACHE)


handler = api_handler({"GET /v1/me": me, "GET /v1/.well-known/jwks.json": jwks})
