"""What identity's events are about: one user with a password and a session."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Final

import jwt
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from benchmarks.stub.scene import Scene
from identity.adapters import password_hashes
from identity.adapters.items import account_key, expiry, profile_key, session_key
from identity.adapters.signing_keys import VerificationKey
from identity.domain.email_address import login_digest
from identity.domain.known_networks import network_digest
from identity.domain.refresh_tokens import RefreshToken
from kernel.clock import rfc3339
from kernel.dynamodb import marshal

USER: Final = "usr_0EXAMPLE0EXAMPLE0EXAMPLE12"
EMAIL: Final = "somchai@example.com"
PASSWORD: Final = "an example passphrase"  # noqa: S105  # made up, as in the event
_NETWORK: Final = "203.0.113.17"  # as in the event
_SESSION_TOKEN: Final = "rt_0EXAMPLE0EXAMPLE0EXAMPLE01_" + "A" * 43  # as in the event


@cache
def password_hash() -> str:
    """Hash the password, once."""
    return password_hashes.hashed(PASSWORD)


def scene(event: str, now: datetime) -> Scene:
    """Make the world for an event of identity's; who registers is not there yet."""
    token = RefreshToken.parse(_SESSION_TOKEN)
    until = now + timedelta(days=30)
    profile = {"user_id": USER, "email": EMAIL, "created_at": rfc3339(now)}
    session = {
        "user_id": USER,
        "token_digest": token.digest,
        "expires_at": rfc3339(until),
        "ttl": expiry(until),
    }
    digest = login_digest(EMAIL)
    account = {
        "user_id": USER,
        "password_hash": password_hash(),
        f"network_{network_digest(digest, _NETWORK)}": {"logged_in_at": rfc3339(now)},
    }
    items = [
        {**profile_key(USER), **marshal(profile)},
        {**session_key(token.family_id), **marshal(session)},
        {**account_key(digest), **marshal(account)},
    ]
    return Scene({"Identity": [] if event == "register" else items})


def access_token(private_key: str, issuer: str, audience: str, now: datetime) -> str:
    """Make a token that the authorizer accepts, as the issuer makes it."""
    key = load_pem_private_key(private_key.encode(), password=None)
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    issued_at = int(now.timestamp())
    claims = {
        "iss": issuer,
        "aud": audience,
        "sub": USER,
        "iat": issued_at,
        "exp": issued_at + 900,
        "jti": "jti_0EXAMPLE0EXAMPLE0EXAMPLE01",
    }
    headers = {"typ": "at+jwt", "kid": VerificationKey.from_der(der).kid}
    return jwt.encode(claims, private_key, algorithm="ES256", headers=headers)
