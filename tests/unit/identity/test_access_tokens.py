"""Access tokens: every attack by a real token that was made for it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.adapters.access_tokens import (
    AccessTokenIssuer,
    AccessTokenVerifier,
    TokenRefusedError,
    TokenTerms,
)
from identity.adapters.signing_keys import SigningKeys
from kernel.ids import new_id
from tests.unit.identity.local_keys import LocalKeys

TERMS = TokenTerms("https://issuer.example.com", "credit-engine")
SERVICE = LocalKeys()
KEYS = SigningKeys(SERVICE, ["ours"])
VERIFIER = AccessTokenVerifier(KEYS, TERMS)
ISSUER = AccessTokenIssuer(KEYS, TERMS, 900)
USER = new_id("usr")


def claims(**changes: object) -> dict[str, Any]:
    """Return the claims of a good token, changed; `None` leaves a claim out."""
    now = int(datetime.now(UTC).timestamp())
    good = {
        "iss": TERMS.issuer,
        "aud": TERMS.audience,
        "sub": USER,
        "iat": now,
        "exp": now + 900,
        "jti": new_id("jti"),
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def forged(payload: dict[str, Any], **headers: object) -> str:
    """Sign a token with our own real key, which no attacker has."""
    return jwt.encode(
        payload,
        SERVICE.private_key("ours"),
        algorithm="ES256",
        headers={"typ": "at+jwt", "kid": KEYS.signing_kid, **headers},
    )


def assembled(
    header: Mapping[str, object], payload: Mapping[str, object], signature: bytes = b""
) -> str:
    """Put a token together by hand."""
    parts = [json.dumps(header).encode(), json.dumps(payload).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def alg_none(alg: str = "none") -> str:
    """Make an unsigned token."""
    return assembled({"alg": alg, "typ": "at+jwt", "kid": KEYS.signing_kid}, claims())


def hmac_with_public_key(encoding: Encoding) -> str:
    """Sign by HMAC with the public key for a secret, as in CVE-2015-9256."""
    secret = KEYS.by_kid[KEYS.signing_kid].public_key.public_bytes(
        encoding, PublicFormat.SubjectPublicKeyInfo
    )
    header = {"alg": "HS256", "typ": "at+jwt", "kid": KEYS.signing_kid}
    unsigned = assembled(header, claims()).removesuffix(".")
    signature = hmac.new(secret, unsigned.encode(), hashlib.sha256).digest()
    return f"{unsigned}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def foreign_key(**headers: object) -> str:
    """Sign with the attacker's own key."""
    own = ec.generate_private_key(ec.SECP256R1())
    all_headers = {"typ": "at+jwt", "kid": KEYS.signing_kid, **headers}
    return jwt.encode(claims(), own, algorithm="ES256", headers=all_headers)


def own_key_embedded() -> str:
    """Sign with the attacker's own key and bring it along (CVE-2018-0114)."""
    own = ec.generate_private_key(ec.SECP256R1())
    jwk = jwt.algorithms.ECAlgorithm.to_jwk(own.public_key(), as_dict=True)
    headers = {"typ": "at+jwt", "kid": KEYS.signing_kid, "jwk": jwk}
    return jwt.encode(claims(), own, algorithm="ES256", headers=headers)


def seconds_from_now(seconds: int) -> int:
    """Return a time as tokens have it."""
    return int(datetime.now(UTC).timestamp()) + seconds


def all_zero_signature() -> str:
    """Sign with R = S = 0, as in CVE-2022-21449."""
    header = {"alg": "ES256", "typ": "at+jwt", "kid": KEYS.signing_kid}
    return assembled(header, claims(), bytes(64))


def der_signature() -> str:
    """Sign rightly, but leave the signature as DER."""
    header = {"alg": "ES256", "typ": "at+jwt", "kid": KEYS.signing_kid}
    unsigned = assembled(header, claims()).removesuffix(".")
    signature = KEYS.sign(unsigned.encode())
    return f"{unsigned}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def swapped_payload() -> str:
    """Put another user's claims under a real signature."""
    head, _, signature = forged(claims()).split(".")
    other = assembled({}, claims(sub=new_id("usr"))).split(".")[1]
    return f"{head}.{other}.{signature}"


Attack = Callable[[], str]
ATTACKS: dict[str, tuple[Attack, str]] = {
    "alg none": (alg_none, "algorithm"),
    "alg NoNe": (lambda: alg_none("NoNe"), "algorithm"),
    "no alg": (
        lambda: assembled({"typ": "at+jwt", "kid": KEYS.signing_kid}, claims()),
        "algorithm",
    ),
    "HS256 with our public key, PEM": (lambda: hmac_with_public_key(Encoding.PEM), "algorithm"),
    "HS256 with our public key, DER": (lambda: hmac_with_public_key(Encoding.DER), "algorithm"),
    "another key, our kid": (foreign_key, "signature"),
    "another key, its own kid": (lambda: foreign_key(kid="theirs"), "unknown_key"),
    "kid a path": (lambda: forged(claims(), kid="../../dev/null"), "unknown_key"),
    "kid empty": (lambda: forged(claims(), kid=""), "unknown_key"),
    "own key embedded as jwk": (own_key_embedded, "signature"),
    "own key named by jku": (
        lambda: foreign_key(jku="https://attacker.example.com/jwks.json"),
        "signature",
    ),
    "unknown critical header": (lambda: forged(claims(), crit=["x"], x=1), "malformed"),
    "foreign issuer": (lambda: forged(claims(iss="https://other.example.com")), "issuer"),
    "no issuer": (lambda: forged(claims(iss=None)), "claim_missing"),
    "foreign audience": (lambda: forged(claims(aud="another-api")), "audience"),
    "audience among others": (lambda: forged(claims(aud=[TERMS.audience, "x"])), "audience"),
    "no audience": (lambda: forged(claims(aud=None)), "claim_missing"),
    "no expiry": (lambda: forged(claims(exp=None)), "claim_missing"),
    "expired a second ago": (lambda: forged(claims(exp=seconds_from_now(-1))), "expired"),
    "expiry no number": (lambda: forged(claims(exp="never")), "malformed"),
    "no issue time": (lambda: forged(claims(iat=None)), "claim_missing"),
    "issued in the future": (
        lambda: forged(claims(iat=seconds_from_now(60))),
        "from_the_future",
    ),
    "no id": (lambda: forged(claims(jti=None)), "claim_missing"),
    "no subject": (lambda: forged(claims(sub=None)), "claim_missing"),
    "subject no user": (lambda: forged(claims(sub="admin")), "subject"),
    "subject with a wildcard": (lambda: forged(claims(sub="usr_*")), "subject"),
    "typ JWT": (lambda: forged(claims(), typ="JWT"), "type"),
    "no typ": (lambda: forged(claims(), typ=None), "type"),
    "typ of an id token": (lambda: forged(claims(), typ="id+jwt"), "type"),
    "R and S zero": (all_zero_signature, "signature"),
    "signature as DER": (der_signature, "signature"),
    "no signature": (lambda: forged(claims()).rpartition(".")[0] + ".", "signature"),
    "claims of another user": (swapped_payload, "signature"),
    "not a token": (lambda: "access-token", "malformed"),
    "empty": (lambda: "", "malformed"),
    "two parts": (lambda: forged(claims()).rpartition(".")[0], "malformed"),
    "very long": (lambda: forged(claims(padding="x" * 4000)), "malformed"),
    "kid a list": (
        lambda: assembled({"alg": "ES256", "typ": "at+jwt", "kid": ["x"]}, claims()),
        "malformed",
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_a01_an_attackers_token_is_refused(name: str) -> None:
    """Every known way to forge or bend a token is refused for the reason that it should be."""
    attack, reason = ATTACKS[name]
    with pytest.raises(TokenRefusedError) as refusal:
        VERIFIER.user_id(attack())
    assert refusal.value.reason == reason


def test_a01_the_token_that_the_attacks_start_from_is_good() -> None:
    """The attacks above fail for what they change, and not for the rest."""
    assert VERIFIER.user_id(forged(claims())) == USER


def test_a01_an_issued_token_names_its_user() -> None:
    """What the issuer makes, the verifier takes."""
    assert VERIFIER.user_id(ISSUER.issue(USER, datetime.now(UTC))) == USER


def test_a01_an_issued_token_has_exactly_the_contracts_header_and_claims() -> None:
    """ES256, typed at+jwt, six claims, 15 minutes."""
    now = datetime.now(UTC)
    token = ISSUER.issue(USER, now)
    assert jwt.get_unverified_header(token) == {
        "alg": "ES256",
        "typ": "at+jwt",
        "kid": KEYS.signing_kid,
    }
    found = jwt.decode(token, options={"verify_signature": False})
    assert set(found) == {"iss", "aud", "sub", "iat", "exp", "jti"}
    assert found["exp"] - found["iat"] == 900
    assert found["iat"] == int(now.timestamp())


def test_a01_a_token_of_ours_runs_out() -> None:
    """After its lifetime the same token is refused."""
    token = ISSUER.issue(USER, datetime.now(UTC) - timedelta(seconds=901))
    with pytest.raises(TokenRefusedError, match="expired"):
        VERIFIER.user_id(token)


@settings(deadline=None)
@given(st.text(max_size=200) | st.from_regex(r"[\w-]{1,40}\.[\w-]{1,40}\.[\w-]{1,90}"))
def test_a01_any_text_is_refused_and_nothing_else_raised(text: str) -> None:
    """No text makes the verifier fail in another way."""
    with pytest.raises(TokenRefusedError):
        VERIFIER.user_id(text)


@settings(deadline=None)
@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a01_one_changed_character_refuses_a_token(position: int, change: int) -> None:
    """Whatever byte of a good token is changed, it is good no more."""
    token = GOOD.encode()
    index = position % len(token)
    changed = token[:index] + bytes([token[index] ^ change]) + token[index + 1 :]
    with pytest.raises(TokenRefusedError):
        VERIFIER.user_id(changed.decode("latin-1"))


GOOD = ISSUER.issue(USER, datetime.now(UTC))


def test_tokens_are_told_apart() -> None:
    """Two tokens of one user in one second have different ids."""
    now = datetime.now(UTC)
    assert ISSUER.issue(USER, now) != ISSUER.issue(USER, now)
