"""The API's REQUEST authorizer.

The gateway keeps a result for 60 s per `Authorization` header, for all routes: so the policy names
the whole stage, and what each user may touch is decided by the functions. A token that proves
nothing is denied, which the gateway answers with 401. Only if the keys cannot be had does this
raise, since a denial would be kept and would log valid users out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from identity.adapters.access_tokens import AccessTokenVerifier, TokenRefusedError, TokenTerms
from identity.adapters.kms import Kms
from identity.adapters.security_log import security_event
from identity.adapters.signing_keys import SigningKeys
from kernel import clock
from kernel.settings import read

_SCHEME: Final = "bearer"


@dataclass(frozen=True)
class Settings:
    """What this function is told by its environment."""

    signing_key_ids: tuple[str, ...]
    token_issuer: str
    token_audience: str


_settings = read(Settings)
_verifier = AccessTokenVerifier(
    SigningKeys(Kms.from_environment(), _settings.signing_key_ids),
    TokenTerms(_settings.token_issuer, _settings.token_audience),
)


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Allow the whole stage to the user whom the access token names, or deny it.

    Raises
    ------
    TemporarilyUnavailableError
        If the keys are not known yet and KMS does not answer.
    """
    try:
        user_id = _verifier.user_id(_bearer_token(event))
    except TokenRefusedError as refusal:
        _report(refusal.reason, event)
        return _policy("Deny", "nobody", event["methodArn"], {})
    return _policy("Allow", user_id, event["methodArn"], {"user_id": user_id})


def _bearer_token(event: Mapping[str, Any]) -> str:
    headers = event.get("headers") or {}
    given = next((text for name, text in headers.items() if name.lower() == "authorization"), "")
    scheme, _, token = (given or "").strip().partition(" ")
    if scheme.lower() != _SCHEME:
        raise TokenRefusedError("scheme")
    return token.strip()


def _policy(
    effect: str, principal: str, method_arn: str, context: Mapping[str, str]
) -> dict[str, Any]:
    api, stage = method_arn.split("/")[:2]
    statement = {
        "Action": "execute-api:Invoke",
        "Effect": effect,
        "Resource": f"{api}/{stage}/*/*",
    }
    return {
        "principalId": principal,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": dict(context),
    }


def _report(reason: str, event: Mapping[str, Any]) -> None:
    request_id = (event.get("requestContext") or {}).get("requestId")
    security_event("TokenRefused", reason, clock.now(), request_id=request_id)
