"""`GET /v1/me` and `GET /v1/.well-known/jwks.json`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jwt
import pytest

from kernel.ids import new_id

Call = Callable[..., dict[str, Any]]


def test_me_shows_what_registering_showed(call: Call) -> None:
    """The same user in the same words."""
    registered = call("identity_register/register")["json"]
    response = call("identity_profile/me", user_id=registered["id"])
    assert response["statusCode"] == 200
    assert response["json"] == registered


@pytest.mark.parametrize("user_id", [None, new_id("usr")], ids=["none", "unknown"])
def test_p03_me_without_a_confirmed_and_known_user_is_refused(
    call: Call, user_id: str | None
) -> None:
    """The user comes from the authorizer alone."""
    call("identity_register/register")
    response = call("identity_profile/me", user_id=user_id)
    assert (response["statusCode"], response["json"]["code"]) == (401, "unauthorized")
    assert response["headers"]["WWW-Authenticate"] == "Bearer"


def test_the_jwks_verifies_a_login(call: Call) -> None:
    """Whoever has the published keys can check a token; the answer may be cached 5 minutes."""
    call("identity_register/register")
    token = call("identity_login/login")["json"]["access_token"]
    response = call("identity_profile/jwks")
    assert response["statusCode"] == 200
    assert response["headers"]["Cache-Control"] == "public, max-age=300"
    keys = jwt.PyJWKSet.from_dict(response["json"])
    assert len(keys.keys) == 2
    key = keys[jwt.get_unverified_header(token)["kid"]]
    assert jwt.decode(token, key, algorithms=["ES256"], audience="credit-engine")["sub"]
