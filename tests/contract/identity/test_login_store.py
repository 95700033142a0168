"""What a login reads and writes where others write at the same time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from identity.adapters.failure_counter import FailuresChangedError, OutdatedReadError
from identity.adapters.login_store import LoginStore
from identity.adapters.user_store import UserStore
from identity.domain.email_address import parse
from identity.domain.known_networks import KnownNetwork
from identity.domain.login_throttle import WINDOW, Failures
from identity.domain.users import NewAccount, User
from kernel import dynamodb
from kernel.errors import TemporarilyUnavailableError
from kernel.ids import new_id

Items = Callable[[], list[dict[str, Any]]]

NOW = datetime(2026, 4, 30, 12, tzinfo=UTC)
ADDRESS = parse("somchai@example.com")
NETWORK = "203.0.113.17"


@pytest.fixture
def store(table: str) -> LoginStore:
    """Store an account, and return where logins find it."""
    user = User(new_id("usr"), ADDRESS.given, NOW)
    UserStore(table).add(NewAccount(user, ADDRESS, "the hash"))
    return LoginStore(table)


def test_a05_failures_that_start_at_once_are_all_counted(store: LoginStore) -> None:
    """Both attempts read no failures; the second one counts on from the first."""
    counter = store.account_counter(ADDRESS.digest, of_user=True)
    assert counter.count(None, NOW).count == 1
    assert counter.count(None, NOW).count == 2


def test_a05_a_window_that_ended_meanwhile_is_started_anew(store: LoginStore) -> None:
    """What was read as current is over for the one who writes."""
    counter = store.account_counter(ADDRESS.digest, of_user=True)
    seen = counter.count(None, NOW)
    stale = Failures(seen.count, seen.last_at, NOW + 2 * WINDOW)
    assert counter.count(stale, NOW + WINDOW) == Failures(1, NOW + WINDOW, NOW + 2 * WINDOW)


def test_a05_one_of_two_claims_holds(store: LoginStore) -> None:
    """The second of two that saw the same failures is told so."""
    counter = store.account_counter(ADDRESS.digest, of_user=True)
    seen = counter.count(None, NOW)
    later = NOW + timedelta(seconds=1)
    assert counter.claim(seen, later).count == 2
    with pytest.raises(FailuresChangedError):
        counter.claim(seen, later)


def test_an_account_takes_no_failures_of_a_stranger(store: LoginStore, items: Items) -> None:
    """Whoever thinks that there is no account is told, and no `ttl` gets onto it."""
    counter = store.account_counter(ADDRESS.digest, of_user=False)
    with pytest.raises(OutdatedReadError):
        counter.count(None, NOW)
    with pytest.raises(OutdatedReadError):
        counter.claim(Failures(5, NOW, NOW + WINDOW), NOW)
    assert not [item for item in items() if "ttl" in item or "failures" in item]


def test_a_failure_of_an_account_that_is_gone_makes_none(table: str, items: Items) -> None:
    """Nothing is counted onto an account that does not exist."""
    counter = LoginStore(table).account_counter(ADDRESS.digest, of_user=True)
    with pytest.raises(TemporarilyUnavailableError):
        counter.count(None, NOW)
    assert items() == []


def test_a05_a_network_that_was_forgotten_meanwhile_counts_nothing(store: LoginStore) -> None:
    """Its failures would be nobody's: whoever counts them is told, and reads again."""
    counter = store.account_counter(ADDRESS.digest, of_user=True, known_network="old")
    with pytest.raises(OutdatedReadError):
        counter.count(None, NOW)
    store.note_success(ADDRESS.digest, "old", NOW, forgotten_networks=[], forgets_strangers=False)
    seen = counter.count(None, NOW)
    assert counter.claim(seen, NOW).count == 2
    store.note_success(
        ADDRESS.digest, "new", NOW, forgotten_networks=["old"], forgets_strangers=True
    )
    with pytest.raises(OutdatedReadError):
        counter.claim(seen, NOW)
    known = store.read(ADDRESS.digest, NETWORK, consistent=True).known_networks
    assert known == (KnownNetwork("new", NOW, None),)


def test_a_hash_that_another_login_replaced_stays(store: LoginStore) -> None:
    """Of two logins that hash anew, the first one counts."""
    store.replace_hash(ADDRESS.digest, "the hash", "a newer hash")
    store.replace_hash(ADDRESS.digest, "the hash", "another newer hash")
    credential = store.read(ADDRESS.digest, NETWORK, consistent=True).credential
    assert credential is not None
    assert credential.password_hash == "a newer hash"


def test_half_an_answer_is_none(store: LoginStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """If DynamoDB read only one of the two items, nobody is let in on the strength of it."""
    answer: dict[str, Any] = {"Responses": {}, "UnprocessedKeys": {"Identity": {"Keys": []}}}
    monkeypatch.setattr(dynamodb.client(), "batch_get_item", lambda **_: answer)
    with pytest.raises(TemporarilyUnavailableError):
        store.read(ADDRESS.digest, NETWORK, consistent=False)
