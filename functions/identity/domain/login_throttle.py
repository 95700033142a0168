"""How failed logins slow down further ones, without ever locking anyone out for good.

Per account: five failures within 15 minutes cost nothing. The sixth is answered with a delay of
1 s, and every further one doubles it, up to 60 s. An attempt during the delay is refused unseen
and does not count, so nobody can prolong a delay; once it is over the right password works, and
forgets the failures. After 15 minutes the count starts anew. Sessions that are open stay open.
Networks that the account was logged into from count by themselves (`known_networks`).

Per client address: a number of failures within 15 minutes, then nothing until those are over.
That stops trying one password each on many accounts. It is not forgotten at a success, or an
attacker's own account would reset it.
"""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from kernel.errors import DomainError

WINDOW: Final = timedelta(minutes=15)
FREE_FAILURES: Final = 5
_FIRST_DELAY_SECONDS: Final = 1
_MAX_DELAY_SECONDS: Final = 60
_MAX_DOUBLINGS: Final = 6
_IPV6_SUBSCRIBER_PREFIX: Final = 64


class TooManyAttemptsError(DomainError):
    """Further attempts are refused for a while.

    Parameters
    ----------
    wait
        How long; the answer says it in whole seconds, rounded up.
    """

    code = "too_many_attempts"

    def __init__(self, wait: timedelta) -> None:
        seconds = max(1, math.ceil(wait.total_seconds()))
        super().__init__(f"Try again in {seconds} seconds.", retry_after=seconds)


@dataclass(frozen=True, slots=True)
class Failures:
    """The failed logins of one account or address in the current window."""

    count: int
    last_at: datetime
    window_ends_at: datetime

    def are_over(self, now: datetime) -> bool:
        """Tell whether the window is over, so that these count no more."""
        return now >= self.window_ends_at


def delay_after(count: int) -> timedelta:
    """Return the delay that the `count`-th failure of an account brings."""
    if count <= FREE_FAILURES:
        return timedelta(0)
    doublings = min(count - FREE_FAILURES - 1, _MAX_DOUBLINGS)
    return timedelta(seconds=min(_FIRST_DELAY_SECONDS << doublings, _MAX_DELAY_SECONDS))


def account_wait(failures: Failures | None, now: datetime) -> timedelta:
    """Return how long an account takes no attempt; nothing or less means that it takes one."""
    if failures is None or failures.are_over(now):
        return timedelta(0)
    return failures.last_at + delay_after(failures.count) - now


def address_wait(failures: Failures | None, limit: int, now: datetime) -> timedelta:
    """Return how long an address may make no attempt; `limit` is the failures it is allowed."""
    if failures is None or failures.count < limit:
        return timedelta(0)
    return failures.window_ends_at - now


def must_be_claimed(failures: Failures | None, now: datetime) -> bool:
    """Tell whether the next failure brings a delay, so that attempts must go one by one.

    Otherwise a thousand attempts sent at once would all be checked before the first is counted.
    """
    return failures is not None and not failures.are_over(now) and failures.count >= FREE_FAILURES


def network_of(source_ip: str) -> str:
    """Return what counts as one address: an IPv4 address, or an IPv6 subscriber's /64."""
    try:
        address = ipaddress.ip_address(source_ip)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), _IPV6_SUBSCRIBER_PREFIX), strict=False))
