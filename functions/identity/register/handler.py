"""`POST /v1/auth/register`."""

from __future__ import annotations

from dataclasses import dataclass

from identity.adapters.user_store import UserStore
from identity.bodies import RegisterBody
from identity.documents import user_document
from identity.use_cases.registration import Registration
from kernel import clock
from kernel.http import Request, Response, api_handler
from kernel.settings import read
from kernel.validation import validated


@dataclass(frozen=True)
class Settings:
    """What this function is told by its environment."""

    identity_table_name: str


_registration = Registration(UserStore(read(Settings).identity_table_name))


def register(request: Request) -> Response:
    """Make an account."""
    body = validated(RegisterBody, request.json)
    user = _registration.register(email=body.email, password=body.password, now=clock.now())
    return Response(201, user_document(user), {"Location": "/v1/me"})


handler = api_handler({"POST /v1/auth/register": register})
