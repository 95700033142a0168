"""The keys that sign access tokens, and how they are rotated.

The private keys never leave KMS. A key is known on the outside by its thumbprint (RFC 7638), so
`kid` follows from the key itself and needs no table.

Rotation takes three deployments, none of which refuses a valid token: `SIGNING_KEY_IDS` goes from
`old` over `old,new` and `new,old` to `new`. When to do which is in
`docs/operations/rotate-signing-keys.md`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from jwt.algorithms import ECAlgorithm


class KeyService(Protocol):
    """What holds the private keys; AWS KMS in production."""

    def public_key(self, key_id: str) -> bytes:
        """Return a key's public half as DER (SubjectPublicKeyInfo)."""

    def sign(self, key_id: str, digest: bytes) -> bytes:
        """Sign a SHA-256 digest by ECDSA and return the signature as DER."""


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """The public half of a signing key."""

    kid: str
    public_key: EllipticCurvePublicKey
    jwk: Mapping[str, str]

    @classmethod
    def from_der(cls, der: bytes) -> VerificationKey:
        """Read a public key.

        Raises
        ------
        TypeError
            If it is no P-256 key: ES256 means exactly that (RFC 7518, section 3.4).
        """
        public_key = load_der_public_key(der)
        if not isinstance(public_key, EllipticCurvePublicKey) or not isinstance(
            public_key.curve, SECP256R1
        ):
            raise TypeError("a signing key must be ECC_NIST_P256")
        members = {name: str(value) for name, value in _jwk(public_key).items()}
        kid = thumbprint(members)
        return cls(kid, public_key, {**members, "kid": kid, "alg": "ES256", "use": "sig"})


class SigningKeys:
    """The keys of the settings, read from KMS when they are first needed and then kept.

    A KMS key never changes its key pair, so what was read once stays true.

    Parameters
    ----------
    service
        Holds the private keys.
    key_ids
        Ids or ARNs; the first one signs, all verify.
    """

    def __init__(self, service: KeyService, key_ids: Sequence[str]) -> None:
        if not key_ids:
            raise ValueError("at least one signing key is needed")
        self._service = service
        self._key_ids = tuple(key_ids)

    @cached_property
    def by_kid(self) -> Mapping[str, VerificationKey]:
        """Every key that verifies, by its `kid`.

        Raises
        ------
        TemporarilyUnavailableError
            If KMS does not answer.
        """
        keys = (self._signing_key, *map(self._read, self._key_ids[1:]))
        return {key.kid: key for key in keys}

    @property
    def signing_kid(self) -> str:
        """The `kid` of the key that signs."""
        return self._signing_key.kid

    def sign(self, message: bytes) -> bytes:
        """Sign a message with the first key (ECDSA over SHA-256) and return DER."""
        return self._service.sign(self._key_ids[0], hashlib.sha256(message).digest())

    def jwks(self) -> dict[str, list[Mapping[str, str]]]:
        """Return the public keys as a JWK set (RFC 7517)."""
        return {"keys": [key.jwk for key in self.by_kid.values()]}

    @cached_property
    def _signing_key(self) -> VerificationKey:
        return self._read(self._key_ids[0])

    def _read(self, key_id: str) -> VerificationKey:
        return VerificationKey.from_der(self._service.public_key(key_id))


def thumbprint(jwk: Mapping[str, str]) -> str:
    """Return the SHA-256 thumbprint of an elliptic-curve key (RFC 7638)."""
    members = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    text = json.dumps(members, separators=(",", ":"), sort_keys=True)
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _jwk(public_key: EllipticCurvePublicKey) -> Mapping[str, object]:
    return ECAlgorithm.to_jwk(public_key, as_dict=True)
