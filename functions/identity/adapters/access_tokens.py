"""Access tokens: JWTs signed with ES256 by KMS, typed `at+jwt` (RFC 9068)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from jwt.algorithms import ECAlgorithm
from jwt.utils import der_to_raw_signature

from identity.adapters.signing_keys import SigningKeys, VerificationKey
from kernel.ids import is_id, new_id

_ALGORITHM: Final = "ES256"
_TYPE: Final = "at+jwt"
_CLAIMS: Final = ["iss", "aud", "sub", "iat", "exp", "jti"]
_MAX_LENGTH: Final = 2048
_REASONS: Final[dict[type[Exception], str]] = {
    jwt.ExpiredSignatureError: "expired",
    jwt.ImmatureSignatureError: "from_the_future",
    jwt.InvalidAlgorithmError: "algorithm",
    jwt.InvalidAudienceError: "audience",
    jwt.InvalidIssuerError: "issuer",
    jwt.InvalidSignatureError: "signature",
    jwt.MissingRequiredClaimError: "claim_missing",
}


class TokenRefusedError(Exception):
    """An access token proves nothing.

    Parameters
    ----------
    reason
        Why, one of few stable words, for the log alone.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class TokenTerms:
    """What issuer and verifiers of tokens agree on: the claims `iss` and `aud`."""

    issuer: str
    audience: str


class AccessTokenIssuer:
    """Makes access tokens.

    Parameters
    ----------
    keys
        The first of them signs.
    terms
        Issuer and audience.
    lifetime_seconds
        How long a token is valid.
    """

    def __init__(self, keys: SigningKeys, terms: TokenTerms, lifetime_seconds: int) -> None:
        self.lifetime_seconds = lifetime_seconds
        self._keys = keys
        self._terms = terms
        self._jws = jwt.PyJWS(algorithms=[])
        self._jws.register_algorithm(_ALGORITHM, _KmsES256(keys))

    def issue(self, user_id: str, now: datetime) -> str:
        """Make a token for a user.

        Raises
        ------
        TemporarilyUnavailableError
            If KMS does not answer.
        """
        issued_at = int(now.timestamp())
        claims = {
            "iss": self._terms.issuer,
            "aud": self._terms.audience,
            "sub": user_id,
            "iat": issued_at,
            "exp": issued_at + self.lifetime_seconds,
            "jti": new_id("jti"),
        }
        payload = json.dumps(claims, separators=(",", ":")).encode()
        headers = {"typ": _TYPE, "kid": self._keys.signing_kid}
        return self._jws.encode(payload, "", algorithm=_ALGORITHM, headers=headers)


class AccessTokenVerifier:
    """Tells whose an access token is.

    Parameters
    ----------
    keys
        All of them verify.
    terms
        Issuer and audience.
    """

    def __init__(self, keys: SigningKeys, terms: TokenTerms) -> None:
        self._keys = keys
        self._terms = terms

    def user_id(self, token: str) -> str:
        """Return the user whom a token was issued to.

        The algorithm is ours, never the token's choice, and the key is one of ours by its `kid`:
        that leaves nothing to `alg: none`, to HMAC with a public key, or to keys that a header
        brings along (RFC 8725, sections 3.1 and 3.2).

        Raises
        ------
        TokenRefusedError
            If the token is not one of ours, or not valid now.
        TemporarilyUnavailableError
            If the keys are not known yet and KMS does not answer.
        """
        key = self._key_of(token)
        try:
            claims = jwt.decode(
                token,
                key.public_key,
                algorithms=[_ALGORITHM],
                audience=self._terms.audience,
                issuer=self._terms.issuer,
                options={"require": _CLAIMS, "strict_aud": True},
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise TokenRefusedError(_REASONS.get(type(error), "malformed")) from None
        if not is_id("usr", claims["sub"]):
            raise TokenRefusedError("subject")
        return str(claims["sub"])

    def _key_of(self, token: str) -> VerificationKey:
        if len(token) > _MAX_LENGTH:
            raise TokenRefusedError("malformed")
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            raise TokenRefusedError("malformed") from None
        if header.get("typ") != _TYPE:
            raise TokenRefusedError("type")
        key = self._keys.by_kid.get(header.get("kid", ""))
        if key is None:
            raise TokenRefusedError("unknown_key")
        return key


class _KmsES256(ECAlgorithm):
    """ES256 for PyJWT with a private key that stays in KMS; the key that PyJWT passes is unused.

    Parameters
    ----------
    keys
        The first of them signs.
    """

    def __init__(self, keys: SigningKeys) -> None:
        super().__init__(ECAlgorithm.SHA256, SECP256R1)
        self._keys = keys

    def prepare_key(self, key: Any) -> Any:  # noqa: ANN401  # PyJWT's signature
        """Take whatever PyJWT passes."""
        return key

    def sign(self, msg: bytes, key: Any) -> bytes:  # noqa: ANN401, ARG002  # PyJWT's signature
        """Sign in KMS, whose DER becomes the R and S that JWS wants (RFC 7518, section 3.4)."""
        return der_to_raw_signature(self._keys.sign(msg), SECP256R1())
