"""Signing keys in memory, in the place of KMS."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


class LocalKeys:
    """A key service that makes a P-256 key for every id that it is asked for, and counts calls."""

    def __init__(self) -> None:
        self.private_keys: dict[str, ec.EllipticCurvePrivateKey] = {}
        self.calls = 0

    def private_key(self, key_id: str) -> ec.EllipticCurvePrivateKey:
        """Return the private half of a key, which KMS never would."""
        if key_id not in self.private_keys:
            self.private_keys[key_id] = ec.generate_private_key(ec.SECP256R1())
        return self.private_keys[key_id]

    def public_key(self, key_id: str) -> bytes:
        """Return the public half as DER."""
        self.calls += 1
        public_key = self.private_key(key_id).public_key()
        return public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, key_id: str, digest: bytes) -> bytes:
        """Sign a digest and return DER."""
        self.calls += 1
        return self.private_key(key_id).sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))
