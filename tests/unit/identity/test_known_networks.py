"""Which networks an account knows, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from identity.domain.known_networks import (
    KEPT,
    MAX_KNOWN,
    NOTED_AGAIN_AFTER,
    KnownNetwork,
    find,
    must_be_noted,
    network_digest,
    superseded,
)

NOW = datetime(2026, 4, 30, 12, tzinfo=UTC)
MOMENT = timedelta(milliseconds=1)


def network(digest: str, ago: timedelta) -> KnownNetwork:
    """Return a network from which the owner logged in so long ago."""
    return KnownNetwork(digest, NOW - ago, None)


def test_a_network_is_known_for_90_days() -> None:
    """Then it is a stranger's again."""
    known = [network("a", KEPT - MOMENT), network("b", KEPT)]
    assert find(known, "a", NOW) == known[0]
    assert find(known, "b", NOW) is None
    assert find(known, "c", NOW) is None


@pytest.mark.parametrize(
    ("ago", "noted"), [(NOTED_AGAIN_AFTER - MOMENT, False), (NOTED_AGAIN_AFTER, True)]
)
def test_a_login_from_a_known_network_is_noted_once_a_week(
    ago: timedelta,
    noted: bool,  # noqa: FBT001  # a column of the table
) -> None:
    """In between it costs no write."""
    known = network("a", ago)
    assert must_be_noted([known], known, NOW) is noted
    assert must_be_noted([known], None, NOW)


def test_a_network_that_would_be_forgotten_next_is_noted_at_once() -> None:
    """Or one that is used every day would make room for those of a journey."""
    known = [network(str(days), timedelta(days=days)) for days in range(1, MAX_KNOWN + 1)]
    noted = [one.digest for one in known if must_be_noted(known, one, NOW)]
    assert noted == [str(MAX_KNOWN)]
    assert not must_be_noted(known[1:], known[-1], NOW)


def test_the_oldest_and_those_that_are_over_make_room() -> None:
    """With the one that is noted, no more than five stay."""
    known = [network(str(days), timedelta(days=days)) for days in (3, 1, 5, 2, 4, 91)]
    assert superseded(known, "new", NOW) == ["5", "91"]
    assert superseded(known, "5", NOW) == ["91"]
    assert superseded([], "new", NOW) == []
    assert len(known) - len(superseded(known, "new", NOW)) + 1 == MAX_KNOWN


def test_so_many_are_forgotten_at_a_time_as_an_update_can_name() -> None:
    """Many logins at once may have made more known than there is room for."""
    known = [network(str(number), timedelta(hours=number)) for number in range(200)]
    assert len(superseded(known, "new", NOW)) == 50


def test_one_network_has_another_digest_at_another_account() -> None:
    """Who shares a network does not show at a glance."""
    digests = {network_digest(account, "203.0.113.17") for account in ("a", "b")}
    assert len(digests) == 2
    assert "203.0.113.17" not in "".join(digests)
