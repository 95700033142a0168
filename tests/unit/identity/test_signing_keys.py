"""Signing keys: named by their thumbprint, read once, rotated without a refused request."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from identity.adapters.access_tokens import (
    AccessTokenIssuer,
    AccessTokenVerifier,
    TokenRefusedError,
    TokenTerms,
)
from identity.adapters.signing_keys import SigningKeys, VerificationKey, thumbprint
from kernel.errors import TemporarilyUnavailableError
from kernel.ids import new_id
from tests.unit.identity.local_keys import LocalKeys

TERMS = TokenTerms("https://issuer.example.com", "credit-engine")


def test_the_thumbprint_ignores_all_but_the_keys_own_members() -> None:
    """RFC 7638: the required members alone, in order, without blanks."""
    key = {"kty": "EC", "crv": "P-256", "x": "eA", "y": "eQ"}
    assert thumbprint({**key, "use": "sig", "kid": "x"}) == thumbprint(key)
    assert thumbprint({**key, "x": "eQ"}) != thumbprint(key)
    assert len(thumbprint(key)) == 43


def test_the_jwks_verifies_what_was_signed() -> None:
    """A stranger verifies a token with nothing but the JWK set."""
    keys = SigningKeys(LocalKeys(), ["one", "two"])
    user_id = new_id("usr")
    token = AccessTokenIssuer(keys, TERMS, 900).issue(user_id, datetime.now(UTC))
    published = jwt.PyJWKSet.from_dict(keys.jwks())
    assert len(published.keys) == 2
    key = published[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=["ES256"], audience=TERMS.audience)
    assert claims["sub"] == user_id


def test_the_jwks_holds_public_members_only() -> None:
    """No private member `d` can ever be in it."""
    for key in SigningKeys(LocalKeys(), ["one"]).jwks()["keys"]:
        assert set(key) == {"kty", "crv", "x", "y", "kid", "alg", "use"}


def test_keys_are_read_once() -> None:
    """Warm keys cost no call: neither to verify, nor for tokens of unknown keys."""
    service = LocalKeys()
    keys = SigningKeys(service, ["one", "two"])
    verifier = AccessTokenVerifier(keys, TERMS)
    token = AccessTokenIssuer(keys, TERMS, 900).issue(new_id("usr"), datetime.now(UTC))
    verifier.user_id(token)
    calls = service.calls
    verifier.user_id(token)
    stranger = AccessTokenIssuer(SigningKeys(LocalKeys(), ["three"]), TERMS, 900)
    with pytest.raises(TokenRefusedError, match="unknown_key"):
        verifier.user_id(stranger.issue(new_id("usr"), datetime.now(UTC)))
    assert service.calls == calls


def test_keys_are_asked_for_again_after_kms_failed() -> None:
    """A cold start during an outage does not leave the function without keys for good."""

    class Failing(LocalKeys):
        down = True

        def public_key(self, key_id: str) -> bytes:
            if self.down:
                raise TemporarilyUnavailableError("down")
            return super().public_key(key_id)

    service = Failing()
    keys = SigningKeys(service, ["one"])
    with pytest.raises(TemporarilyUnavailableError):
        keys.jwks()
    service.down = False
    assert len(keys.jwks()["keys"]) == 1


def test_a_rotation_refuses_no_token() -> None:
    """Through all steps of a rotation, in any mix of old and new functions, tokens verify."""
    service = LocalKeys()
    steps = [["old"], ["old", "new"], ["new", "old"]]
    for before, after in pairwise(steps):
        mixed = [SigningKeys(service, before), SigningKeys(service, after)]
        for signing in mixed:
            token = AccessTokenIssuer(signing, TERMS, 900).issue(new_id("usr"), datetime.now(UTC))
            for verifying in mixed:
                assert AccessTokenVerifier(verifying, TERMS).user_id(token)
    late = AccessTokenIssuer(SigningKeys(service, ["old"]), TERMS, 900)
    with pytest.raises(TokenRefusedError, match="unknown_key"):
        AccessTokenVerifier(SigningKeys(service, ["new"]), TERMS).user_id(
            late.issue(new_id("usr"), datetime.now(UTC))
        )


@pytest.mark.parametrize(
    "public_key",
    [
        ec.generate_private_key(ec.SECP384R1()).public_key(),
        rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key(),
    ],
)
def test_a_key_of_another_kind_is_no_signing_key(
    public_key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
) -> None:
    """ES256 is P-256 and nothing else."""
    der = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(TypeError):
        VerificationKey.from_der(der)


def test_without_a_key_there_is_no_start() -> None:
    """An empty setting is found at the cold start, and not at the first login."""
    with pytest.raises(ValueError, match="at least one"):
        SigningKeys(LocalKeys(), [])
