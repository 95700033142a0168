"""`POST /v1/auth/login`."""

from __future__ import annotations

from dataclasses import dataclass

from identity.adapters.client_address import ClientAddresses
from identity.adapters.login_store import LoginStore
from identity.adapters.session_store import SessionStore
from identity.bodies import LoginBody
from identity.documents import tokens_document
from identity.use_cases.login import Login
from identity.wiring import TokenSettings, token_desk
from kernel import clock
from kernel.http import Request, Response, api_handler
from kernel.settings import read
from kernel.validation import validated


@dataclass(frozen=True)
class Settings(TokenSettings):
    """What this function is told by its environment; the limit counts failures in 15 minutes.

    `origin_proof_secret_arn` is where the secret of the console's CloudFront is, or `-`.
    """

    address_failures_limit: int
    origin_proof_secret_arn: str


_settings = read(Settings)
_login = Login(
    LoginStore(_settings.identity_table_name),
    SessionStore(_settings.identity_table_name),
    token_desk(_settings),
    _settings.address_failures_limit,
)
_addresses = ClientAddresses(_settings.origin_proof_secret_arn)


def log_in(request: Request) -> Response:
    """Open a session."""
    body = validated(LoginBody, request.json)
    tokens = _login.log_in(
        email=body.email,
        password=body.password,
        client=_addresses.of(request),
        now=clock.now(),
    )
    return Response(200, tokens_document(tokens))


handler = api_handler({"POST /v1/auth/login": log_in})
