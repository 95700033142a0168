"""The keys of the Identity table.

| item | pk | sk | expires |
| --- | --- | --- | --- |
| account: credential, failures, known networks | `EMAIL#<digest of the address>` | `ACCOUNT` | no |
| failed logins of an address that has no account | the same | `ACCOUNT` | by `ttl` |
| user as `GET /v1/me` shows one | `USER#<user id>` | `PROFILE` | no |
| failed logins of a client address | `ADDRESS#<network>` | `FAILURES` | by `ttl` |
| session | `SESSION#<family id>` | `SESSION` | by `ttl` |

That an account has the key of its address makes the address unique. An item has a `user_id` if
and only if it belongs to a user; writes depend on that, so that no `ttl` ever gets onto an account.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kernel.dynamodb import marshal

Key = dict[str, Any]


def account_key(email_digest: str) -> Key:
    """Return the key of the account, or of the failures, of an e-mail address."""
    return marshal({"pk": f"EMAIL#{email_digest}", "sk": "ACCOUNT"})


def profile_key(user_id: str) -> Key:
    """Return the key of a user's profile."""
    return marshal({"pk": f"USER#{user_id}", "sk": "PROFILE"})


def address_key(network: str) -> Key:
    """Return the key of the failures of a client address."""
    return marshal({"pk": f"ADDRESS#{network}", "sk": "FAILURES"})


def session_key(family_id: str) -> Key:
    """Return the key of a session."""
    return marshal({"pk": f"SESSION#{family_id}", "sk": "SESSION"})


def expiry(moment: datetime) -> int:
    """Return a time as the `ttl` attribute wants it: whole seconds, not before the moment."""
    return int(moment.timestamp()) + 1
