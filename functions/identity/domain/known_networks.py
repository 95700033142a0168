"""Networks that an account was logged into from: strangers' failures do not slow these down.

Somebody who keeps failing on an account from elsewhere could otherwise keep its delay running, and
be quicker than its owner whenever it is over. So failures from a network from which the right
password came count by themselves, and all other networks' together. Only the right password makes a
network known. Who shares one with the owner gains a counter of its own, and can slow the owner down
there; and sees from it that the account exists, as registration tells anybody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from identity.domain.login_throttle import Failures

MAX_KNOWN: Final = 5
KEPT: Final = timedelta(days=90)
NOTED_AGAIN_AFTER: Final = timedelta(days=7)
_DIGEST_CHARACTERS: Final = 32
_MOST_FORGOTTEN: Final = 50  # at a time: an update has a longest expression


@dataclass(frozen=True, slots=True)
class KnownNetwork:
    """A network of an account, and the failures from there in the current window."""

    digest: str
    logged_in_at: datetime
    failures: Failures | None

    def is_over(self, now: datetime) -> bool:
        """Tell whether nobody logged in from there for so long that it is a stranger's again."""
        return now - self.logged_in_at >= KEPT


def network_digest(email_digest: str, network: str) -> str:
    """Return what stands for a network at one account, and at no other.

    It is no secret: who reads the table and tries all addresses finds the one.
    """
    text = f"{email_digest} {network}"
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_CHARACTERS]


def find(known: Sequence[KnownNetwork], digest: str, now: datetime) -> KnownNetwork | None:
    """Return the network with this digest, if it is known."""
    return next((one for one in known if one.digest == digest and not one.is_over(now)), None)


def must_be_noted(
    known: Sequence[KnownNetwork], network: KnownNetwork | None, now: datetime
) -> bool:
    """Tell whether a login from a network, None if it is not known, is written down.

    Within a week it is not, to save the write, unless it is the network that would be forgotten
    next.
    """
    if network is None or now - network.logged_in_at >= NOTED_AGAIN_AFTER:
        return True
    others_are_later = all(one.logged_in_at >= network.logged_in_at for one in known)
    return len(known) >= MAX_KNOWN and others_are_later


def superseded(known: Sequence[KnownNetwork], digest: str, now: datetime) -> list[str]:
    """Return the digests that are forgotten when a login from `digest` is noted.

    Those that are over, and the oldest ones, so that `MAX_KNOWN` stay. Many logins at once from new
    networks may leave more for a while.
    """
    others = sorted(
        (one for one in known if one.digest != digest),
        key=lambda one: one.logged_in_at,
        reverse=True,
    )
    kept = [one for one in others if not one.is_over(now)][: MAX_KNOWN - 1]
    return [one.digest for one in others if one not in kept][:_MOST_FORGOTTEN]
