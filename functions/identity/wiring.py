"""What the functions that issue tokens are set to, and how that is wired."""

from __future__ import annotations

from dataclasses import dataclass

from identity.adapters.access_tokens import AccessTokenIssuer, TokenTerms
from identity.adapters.kms import Kms
from identity.adapters.signing_keys import SigningKeys
from identity.use_cases.tokens import TokenDesk


@dataclass(frozen=True)
class TokenSettings:
    """The settings of a function that issues tokens.

    `signing_key_ids` are KMS key ids or ARNs; the first one signs, all verify.
    """

    identity_table_name: str
    signing_key_ids: tuple[str, ...]
    token_issuer: str
    token_audience: str
    access_token_seconds: int
    refresh_token_seconds: int


def token_desk(settings: TokenSettings) -> TokenDesk:
    """Wire what issues tokens."""
    keys = SigningKeys(Kms.from_environment(), settings.signing_key_ids)
    terms = TokenTerms(settings.token_issuer, settings.token_audience)
    issuer = AccessTokenIssuer(keys, terms, settings.access_token_seconds)
    return TokenDesk(issuer, settings.refresh_token_seconds)
