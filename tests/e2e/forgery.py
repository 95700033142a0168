"""Access tokens as an attacker would make them, and some that only the holder of the key could."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.utils import der_to_raw_signature

from tests.e2e.operator import Operator

Json = dict[str, Any]
Sign = Callable[[bytes], bytes]


def encoded(value: bytes) -> str:
    """Encode as a JWS has its parts."""
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def token_of(header: Mapping[str, Any], claims: Mapping[str, Any], sign: Sign) -> str:
    """Put a token together, whatever is in it."""
    message = ".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
    return f"{message}.{encoded(sign(message.encode()))}"


def es256(key: ec.EllipticCurvePrivateKey) -> Sign:
    """Sign with a key of one's own."""
    return lambda message: der_to_raw_signature(
        key.sign(message, ec.ECDSA(hashes.SHA256())), ec.SECP256R1()
    )


@dataclass(frozen=True)
class Forger:
    """Somebody with a valid token, the public keys, and tools.

    Parameters
    ----------
    token
        A valid access token.
    jwks
        What the API publishes.
    operator
        For tokens that are signed with the real key, and wrong in what they say.
    """

    token: str
    jwks: Json
    operator: Operator

    @property
    def header(self) -> Json:
        """The header of the valid token."""
        return dict(jwt.get_unverified_header(self.token))

    @property
    def claims(self) -> Json:
        """What the valid token says."""
        return dict(jwt.decode(self.token, options={"verify_signature": False}))

    def truly_signed(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
        """Sign with the deployment's own key in KMS."""
        key_id = self.operator.resource("IdentitySigningKeyprimary")

        def sign(message: bytes) -> bytes:
            answer = self.operator.client("kms").sign(
                KeyId=key_id,
                Message=hashlib.sha256(message).digest(),
                MessageType="DIGEST",
                SigningAlgorithm="ECDSA_SHA_256",
            )
            return der_to_raw_signature(answer["Signature"], ec.SECP256R1())

        return token_of(
            {**self.header, **header},
            {name: value for name, value in {**self.claims, **claims}.items() if value is not None},
            sign,
        )

    def attacks(self) -> dict[str, str]:
        """Make one token for every attack."""
        return {**self._of_an_outsider(), **self._of_another_purpose()}

    def _of_an_outsider(self) -> dict[str, str]:
        own = ec.generate_private_key(ec.SECP256R1())
        jwk = self.jwks["keys"][0]
        public = jwt.PyJWK(jwk).key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        own_jwk = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(own.public_key()))
        head, _, signature = self.token.split(".")
        changed = encoded(json.dumps({**self.claims, "sub": "usr_" + "0" * 26}).encode())

        def keyed(message: bytes) -> bytes:
            return hmac.new(public, message, hashlib.sha256).digest()

        return {
            "no algorithm": token_of({**self.header, "alg": "none"}, self.claims, lambda _: b""),
            "no algorithm, in capitals": token_of(
                {**self.header, "alg": "NONE"}, self.claims, lambda _: b""
            ),
            "the public key as an HMAC secret": token_of(
                {**self.header, "alg": "HS256"}, self.claims, keyed
            ),
            "a key of one's own under our id": token_of(self.header, self.claims, es256(own)),
            "a key of one's own under its id": token_of(
                {**self.header, "kid": "mine"}, self.claims, es256(own)
            ),
            "a key of one's own in the header": token_of(
                {**self.header, "jwk": own_jwk}, self.claims, es256(own)
            ),
            "a key of one's own by address": token_of(
                {**self.header, "jku": "https://example.com/jwks.json"}, self.claims, es256(own)
            ),
            "another user under our signature": f"{head}.{changed}.{signature}",
            "no signature": f"{head}.{self.token.split('.')[1]}.",
            "a signature of zeros": f"{head}.{self.token.split('.')[1]}.{encoded(bytes(64))}",
        }

    def _of_another_purpose(self) -> dict[str, str]:
        now = int(time.time())
        return {
            "of another issuer": self.truly_signed({}, {"iss": "https://issuer.example.com"}),
            "for another audience": self.truly_signed({}, {"aud": "another"}),
            "for several audiences": self.truly_signed({}, {"aud": [self.claims["aud"], "x"]}),
            "expired": self.truly_signed({}, {"iat": now - 1_000, "exp": now - 100}),
            "without an end": self.truly_signed({}, {"exp": None}),
            "issued in the future": self.truly_signed({}, {"iat": now + 3_600, "exp": now + 4_500}),
            "of another type": self.truly_signed({"typ": "JWT"}, {}),
            "for no user": self.truly_signed({}, {"sub": "admin"}),
        }
