"""Password hashing by Argon2id."""

from __future__ import annotations

import base64
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from identity.domain.password_policy import normalised

# OWASP Password Storage Cheat Sheet, first configuration: 46 MiB, one pass, one lane.
_HASHER = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)


def hashed(password: str) -> str:
    """Hash a password under a fresh salt; the result names its own parameters."""
    return _HASHER.hash(normalised(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Check a password.

    Parameters
    ----------
    password_hash
        What `hashed` returned; `None`, where there is no account, costs the same and never
        matches.
    password
        As typed.
    """
    try:
        return _HASHER.verify(password_hash or _UNMATCHABLE, normalised(password))
    except VerifyMismatchError:
        return False


def is_outdated(password_hash: str) -> bool:
    """Tell whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def _unmatchable() -> str:
    """Make a hash of today's parameters that no known password has, without computing one."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (_HASHER.salt_len, _HASHER.hash_len)
    )
    costs = f"m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${digest}"


_UNMATCHABLE = _unmatchable()
