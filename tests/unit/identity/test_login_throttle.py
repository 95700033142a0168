"""The throttle of failed logins: slower and slower, never shut for good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.domain.login_throttle import (
    WINDOW,
    Failures,
    TooManyAttemptsError,
    account_wait,
    address_wait,
    delay_after,
    must_be_claimed,
    network_of,
)

NOW = datetime(2026, 4, 30, 12, tzinfo=UTC)
ZERO = timedelta(0)


def failures(count: int) -> Failures:
    """Return failures of which the last one happened now."""
    return Failures(count, NOW, NOW + WINDOW)


def test_a05_the_delay_doubles_from_the_sixth_failure_to_a_minute() -> None:
    """Five failures are free, then 1, 2, 4 … seconds, and never more than 60."""
    delays = [delay_after(count).total_seconds() for count in range(1, 15)]
    assert delays == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=10**12))
def test_a05_no_number_of_failures_locks_an_account_for_longer_than_a_minute(count: int) -> None:
    """A stranger cannot lock a user out for good."""
    assert ZERO <= delay_after(count) <= timedelta(seconds=60)


@settings(deadline=None)
@given(st.integers(min_value=6, max_value=40))
def test_a05_an_attempt_is_taken_once_the_delay_is_over(count: int) -> None:
    """Not a millisecond before, and at once after."""
    delay = delay_after(count)
    assert account_wait(failures(count), NOW + delay - timedelta(milliseconds=1)) > ZERO
    assert account_wait(failures(count), NOW + delay) <= ZERO


def test_a05_failures_are_forgotten_after_the_window() -> None:
    """Fifteen minutes after the first failure the count starts anew."""
    assert account_wait(failures(40), NOW + WINDOW) == ZERO
    assert not must_be_claimed(failures(40), NOW + WINDOW)


@pytest.mark.parametrize(("count", "claimed"), [(0, False), (4, False), (5, True), (6, True)])
def test_a05_attempts_go_one_by_one_where_a_failure_brings_a_delay(
    count: int,
    claimed: bool,  # noqa: FBT001  # a column of the table
) -> None:
    """From the sixth on an attempt is counted before it is checked."""
    assert must_be_claimed(failures(count), NOW) is claimed


def test_a05_who_never_failed_never_waits() -> None:
    """No record, no wait."""
    assert account_wait(None, NOW) == address_wait(None, 1, NOW) == ZERO
    assert not must_be_claimed(None, NOW)


def test_a05_an_address_waits_for_the_end_of_its_window() -> None:
    """At the limit nothing more is taken until the 15 minutes are over."""
    assert address_wait(failures(99), 100, NOW) == ZERO
    assert address_wait(failures(100), 100, NOW) == WINDOW
    assert address_wait(failures(100), 100, NOW + WINDOW) <= ZERO


@pytest.mark.parametrize(
    ("source_ip", "network"),
    [
        ("203.0.113.17", "203.0.113.17"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.17", "203.0.113.17"),
        ("", "unknown"),
        ("no address", "unknown"),
    ],
)
def test_a05_an_ipv6_subscriber_counts_as_one_address(source_ip: str, network: str) -> None:
    """Who has a whole /64 cannot make 2^64 addresses of it."""
    assert network_of(source_ip) == network


@pytest.mark.parametrize(("wait_ms", "seconds"), [(1, 1), (1000, 1), (1001, 2), (60_000, 60)])
def test_a05_the_refusal_says_how_many_seconds_to_wait(wait_ms: int, seconds: int) -> None:
    """Whole seconds, rounded up, so that who waits them is let in."""
    error = TooManyAttemptsError(timedelta(milliseconds=wait_ms))
    assert error.members == {"retry_after": seconds}
