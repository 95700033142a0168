"""`POST /v1/auth/login`."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from identity.adapters.login_store import LoginStore
from identity.adapters.session_store import SessionStore
from identity.application.login import Login
from identity.wiring import TokenSettings, token_desk
from kernel import clock
from kernel.http import Request, Response, api_handler
from kernel.settings import read
from kernel.validation import RequestModel, validated


@dataclass(frozen=True)
class Settings(TokenSettings):
    """What this function is set to; the limit counts failures in 15 minutes."""

    address_failures_limit: int


class LoginBody(RequestModel):
    """The body; an e-mail address that is none is an unknown one."""

    email: str
    password: str


_settings = read(Settings)
_login = Login(
    LoginStore(_settings.identity_table_name),
    SessionStore(_settings.identity_table_name),
    token_desk(_settings),
    _settings.address_failures_limit,
)


def log_in(request: Request) -> Response:
    """Open a session."""
    body = validated(LoginBody, request.json)
    tokens = _login.log_in(
        email=body.email, password=body.password, source_ip=request.source_ip, now=clock.now()
    )
    return Response(200, {**asdict(tokens), "token_type": "Bearer"})


handler = api_handler({"POST /v1/auth/login": log_in})
