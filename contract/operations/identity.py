"""Accounts and sessions."""

from __future__ import annotations

from typing import Final

from contract.operation import Answer, Body, Operation
from identity.bodies import LoginBody, RefreshTokenBody, RegisterBody
from identity.documents import KeySetDocument, TokensDocument, UserDocument

_CREDENTIALS: Final = {"email": "somchai@example.com", "password": "mango sticky rice at noon"}
_USER: Final = {
    "id": "usr_4fB0mXo2aLq8sWc1ZtY7uRk9Ev",
    "email": "somchai@example.com",
    "created_at": "2026-03-01T09:30:00.000Z",
}
_REFRESH_TOKEN: Final = "rt_…"  # noqa: S105  # says where one goes
_TOKENS: Final = {
    "access_token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9…",
    "token_type": "Bearer",
    "expires_in": 900,
    "refresh_token": _REFRESH_TOKEN,
    "refresh_expires_in": 2592000,
}
_KEY: Final = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "kid": "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s",
    "use": "sig",
    "alg": "ES256",
}

OPERATIONS: Final = (
    Operation(
        "POST /v1/auth/register",
        "register",
        "Make an account",
        (Answer(201, "The account was made.", UserDocument, _USER, ("Location",)),),
        body=Body(RegisterBody, {"account": _CREDENTIALS}),
        problems=("email_taken",),
    ),
    Operation(
        "POST /v1/auth/login",
        "login",
        "Log in",
        (Answer(200, "A session was opened.", TokensDocument, _TOKENS),),
        "From the 6th failure within 15 minutes on, an account takes one attempt after each of "
        "growing delays; a client address has a limit too.",
        body=Body(LoginBody, {"credentials": _CREDENTIALS}),
        problems=("invalid_credentials", "too_many_attempts"),
    ),
    Operation(
        "POST /v1/auth/refresh",
        "refresh",
        "Renew a session",
        (Answer(200, "The refresh token is spent, here is the next.", TokensDocument, _TOKENS),),
        "A refresh token can be used once. Repeated within 30 s while its successor is unused, it "
        "gives the same successor again; any other reuse ends the session.",
        body=Body(RefreshTokenBody, {"session": {"refresh_token": _REFRESH_TOKEN}}),
        problems=("invalid_refresh_token",),
    ),
    Operation(
        "POST /v1/auth/logout",
        "logout",
        "End a session",
        (Answer(204, "The session is over, whoever's token it was."),),
        "Access tokens of the session stay valid until they expire.",
        body=Body(RefreshTokenBody, {"session": {"refresh_token": _REFRESH_TOKEN}}),
    ),
    Operation(
        "GET /v1/me",
        "getMe",
        "Show your account",
        (Answer(200, "Your account.", UserDocument, _USER),),
    ),
    Operation(
        "GET /v1/.well-known/jwks.json",
        "getSigningKeys",
        "Show the keys that verify access tokens",
        (Answer(200, "A JWK set.", KeySetDocument, {"keys": [_KEY]}),),
    ),
)
