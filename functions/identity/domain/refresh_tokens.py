"""Refresh tokens: opaque, 256 bits of secret, never stored in clear.

A token is `rt_<family>_<secret>`. The family, all tokens that came out of one login, is named by
an unguessable id, so whoever names one has held a token of it. The store knows a token by its
SHA-256 alone; for 256 random bits no slower hash is needed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kernel.errors import DomainError
from kernel.ids import new_id

_FAMILY_PREFIX: Final = "fam"
_SECRET_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_TEXT: Final = re.compile(r"rt_([0-9A-Za-z]{26})_([0-9A-Za-z_-]{43})")
_SEAL_LABEL: Final = b"credit-engine/refresh-token/successor/v1"


class InvalidRefreshTokenError(DomainError):
    """The refresh token opens no session.

    Parameters
    ----------
    reason
        Why, for the log alone: the caller learns nothing from the answer.
    """

    code = "invalid_refresh_token"

    def __init__(self, reason: str) -> None:
        super().__init__("The refresh token is not valid. Log in again.")
        self.reason = reason


@dataclass(frozen=True, slots=True, repr=False)
class RefreshToken:
    """A token as its holder has it; `repr` leaves it out, so that no log can hold it."""

    family_id: str
    secret: bytes

    @classmethod
    def first_of_new_family(cls) -> RefreshToken:
        """Make the token of a new session."""
        return cls(new_id(_FAMILY_PREFIX), secrets.token_bytes(_SECRET_BYTES))

    @classmethod
    def parse(cls, text: str) -> RefreshToken:
        """Read a token.

        Raises
        ------
        InvalidRefreshTokenError
            If the text has not a token's form.
        """
        match = _TEXT.fullmatch(text)
        if match is None:
            raise InvalidRefreshTokenError("malformed")
        return cls(f"{_FAMILY_PREFIX}_{match[1]}", base64.urlsafe_b64decode(f"{match[2]}="))

    def successor(self) -> RefreshToken:
        """Make the next token of the family, from fresh randomness.

        It cannot be derived from this one, or a stolen spent token would yield all later ones.
        """
        return RefreshToken(self.family_id, secrets.token_bytes(_SECRET_BYTES))

    @property
    def text(self) -> str:
        """The token as it is sent."""
        secret = base64.urlsafe_b64encode(self.secret).decode().rstrip("=")
        return f"rt_{self.family_id.partition('_')[2]}_{secret}"

    @property
    def digest(self) -> str:
        """What the store knows the token by."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def seal(self, successor: RefreshToken) -> bytes:
        """Encrypt a successor so that only this token opens it.

        A client that lost the answer repeats the spent token and must get the same successor. So
        the successor is stored, encrypted (AES-256-GCM) under a key made from this token, of
        which the store has only the hash: what is stored opens nothing by itself.
        """
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher().encrypt(nonce, successor.secret, self.family_id.encode())

    def unseal(self, sealed: bytes) -> RefreshToken:
        """Decrypt the successor that `seal` encrypted.

        Raises
        ------
        InvalidRefreshTokenError
            If another token sealed it.
        """
        nonce, text = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            secret = self._cipher().decrypt(nonce, text, self.family_id.encode())
        except InvalidTag:
            raise InvalidRefreshTokenError("seal") from None
        return RefreshToken(self.family_id, secret)

    def _cipher(self) -> AESGCM:
        return AESGCM(hmac.digest(self.secret, _SEAL_LABEL, "sha256"))
