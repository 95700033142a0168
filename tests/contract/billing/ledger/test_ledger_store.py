"""The ledger in DynamoDB: exactly once, every refusal classified, every retry bounded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from billing.adapters import ledger_store
from billing.adapters.ledger_store import (
    MAX_ATTEMPTS,
    AccountBusyError,
    CompanionRefusedError,
    LedgerStore,
    TransactItem,
)
from billing.domain.account import Account
from billing.domain.commands import Expire, GrantPromo, Spend
from billing.domain.entry import Cause, Entry
from billing.domain.ledger import InsufficientCreditsError, execute
from kernel import dynamodb
from kernel.aws.json_api import AwsRefusedError, AwsUnreachableError
from kernel.errors import TemporarilyUnavailableError

NOW = datetime(2026, 1, 1, tzinfo=UTC)
USER = "usr_00000000000000000000"
RUN = "run_00000000000000000000"
CAUSE = Cause("run", RUN, "cor-1")


class Waits:
    """Records waits instead of waiting."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        """Record a wait."""
        self.seconds.append(seconds)


def decide_spend(account: Account) -> tuple[Entry, ...]:
    """Spend 10."""
    return execute(account, Spend(10, CAUSE), NOW)


def no_companions(_entries: Sequence[Entry]) -> list[TransactItem]:
    """Bring nothing along."""
    return []


def run_put(table: str) -> TransactItem:
    """Make the put of a run that may exist once."""
    return {
        "Put": {
            "TableName": table,
            "Item": dynamodb.marshal({"pk": RUN, "sk": "RUN", "fingerprint": "f"}),
            "ConditionExpression": "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }


def funded(table: str, credits: int = 100, sleep: Any = None) -> LedgerStore:  # noqa: ANN401
    """Make a store with an account of some credits."""
    store = LedgerStore(table, sleep=sleep or Waits(), jitter=lambda: 1.0)
    store.commit(
        USER, lambda account: execute(account, GrantPromo(credits, None, CAUSE), NOW), no_companions
    )
    return store


def refusing(monkeypatch: pytest.MonkeyPatch, error: Exception, times: int) -> list[Any]:
    """Make the next transactions fail with an error; gives the list of calls made."""
    real = dynamodb.client().transact_write_items
    calls: list[Any] = []

    def transact(**kwargs: Any) -> Any:  # noqa: ANN401
        calls.append(kwargs)
        if len(calls) <= times:
            raise error
        return real(**kwargs)

    monkeypatch.setattr(dynamodb.client(), "transact_write_items", transact)
    return calls


def cancelled(*codes: str) -> AwsRefusedError:
    """Make the error of a cancelled transaction."""
    reasons = [{"Code": code} for code in codes]
    return AwsRefusedError("TransactionCanceledException", {"CancellationReasons": reasons})


def test_a_new_account_is_empty(table: str) -> None:
    """A user without entries has an account without credits."""
    assert LedgerStore(table).account(USER) == Account(USER)


def test_l13_entries_come_back_as_they_were_written(table: str) -> None:
    """L13: the account read is the account after the last entry, hash included."""
    store = funded(table)
    (entry,) = store.commit(USER, decide_spend, no_companions)
    assert store.account(USER) == entry.after
    assert store.entry(USER, 2) == entry
    assert [e.entry_no for e in store.entries(USER, before=None, limit=10)] == [2, 1]
    assert [e.entry_no for e in store.entries(USER, before=2, limit=10)] == [1]


def test_entries_of_more_than_a_page_of_dynamodbs_are_all_read(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given pages that end after 1 MB, before the limit, what is left is read and nothing lost."""
    store = funded(table)
    for _ in range(4):
        store.commit(USER, decide_spend, no_companions)
    real = dynamodb.client().query

    def of_two(**given: Any) -> Any:  # noqa: ANN401  # passed on
        return real(**{**given, "Limit": min(given["Limit"], 2)})

    monkeypatch.setattr(dynamodb.client(), "query", of_two)

    assert [e.entry_no for e in store.entries(USER, before=None, limit=10)] == [5, 4, 3, 2, 1]
    assert [e.entry_no for e in store.entries(USER, before=5, limit=3)] == [4, 3, 2]


def test_l05_a_run_that_is_stored_is_not_paid_twice(table: str) -> None:
    """L05: the companion's condition decides, and its item comes along."""
    store = funded(table)
    store.commit(USER, decide_spend, lambda _: [run_put(table)])
    with pytest.raises(CompanionRefusedError) as refusal:
        store.commit(USER, decide_spend, lambda _: [run_put(table)])
    assert refusal.value.item is not None
    assert refusal.value.item["fingerprint"] == "f"
    assert store.account(USER).balance == 90


def test_l03_a_stale_account_is_decided_anew(table: str) -> None:
    """L03: of two writers who saw the same account, the second decides on the first's entry."""
    store = funded(table, 15)
    stale = store.account(USER)
    store.commit(USER, decide_spend, no_companions, stale)
    with pytest.raises(InsufficientCreditsError) as refusal:
        store.commit(USER, decide_spend, no_companions, stale)
    assert refusal.value.members["available"] == 5
    assert store.account(USER).balance == 5


def test_l10_every_reason_of_every_item_is_judged(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """L10: a companion's refusal counts, also when it does not stand first."""
    store = funded(table)
    refusing(monkeypatch, cancelled("TransactionConflict", "ConditionalCheckFailed"), 1)
    with pytest.raises(CompanionRefusedError):
        store.commit(USER, decide_spend, lambda _: [run_put(table)])


@pytest.mark.parametrize(
    "code", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]
)
@pytest.mark.parametrize("position", [0, 1])
def test_l11_conflicts_and_throttling_are_retried(
    table: str, monkeypatch: pytest.MonkeyPatch, code: str, position: int
) -> None:
    """L11: whichever item it hits, the change is made once in the end."""
    waits = Waits()
    store = funded(table, sleep=waits)
    codes = ["None", "None"]
    codes[position] = code
    calls = refusing(monkeypatch, cancelled(*codes), 3)
    store.commit(USER, decide_spend, lambda _: [run_put(table)])
    assert len(calls) == 4
    assert waits.seconds == [0.02, 0.04, 0.08]
    assert store.account(USER).balance == 90


def test_l11_retries_are_bounded(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """L11: an account that stays busy is given up, unchanged, and waits never grow past the cap."""
    waits = Waits()
    store = funded(table, sleep=waits)
    calls = refusing(monkeypatch, cancelled("TransactionConflict"), 1000)
    with pytest.raises(AccountBusyError):
        store.commit(USER, decide_spend, no_companions)
    assert len(calls) == MAX_ATTEMPTS
    assert max(waits.seconds) == 0.4
    assert store.account(USER).balance == 100


def test_l11_a_writer_who_is_far_behind_catches_up(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """L11: many entries behind, it does not try each of them, but reads where the account is."""
    store = funded(table, 1000)
    stale = store.account(USER)
    for _ in range(MAX_ATTEMPTS + 5):
        store.commit(USER, decide_spend, no_companions)
    calls = refusing(monkeypatch, cancelled(), 0)
    store.commit(USER, decide_spend, no_companions, stale)
    assert len(calls) == 3
    assert store.account(USER).entry_no == MAX_ATTEMPTS + 7


def test_what_changes_nothing_writes_nothing(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given nothing that has expired, writing it off is no transaction."""
    store = funded(table)
    calls = refusing(monkeypatch, cancelled(), 0)
    expire = Expire(CAUSE)
    assert store.commit(USER, lambda a: execute(a, expire, NOW), no_companions) == ()
    assert calls == []


@pytest.mark.parametrize("drawn", [0.0, 0.5])
def test_l11_the_backoff_has_full_jitter(
    table: str, monkeypatch: pytest.MonkeyPatch, drawn: float
) -> None:
    """L11: a wait is anything between nothing and the ceiling."""
    waits = Waits()
    funded(table)
    store = LedgerStore(table, sleep=waits, jitter=lambda: drawn)
    refusing(monkeypatch, cancelled("TransactionConflict"), 1)
    store.commit(USER, decide_spend, no_companions)
    assert waits.seconds == [0.02 * drawn]


def test_l10_a_reason_that_is_none_of_ours_changes_nothing(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """L10: an unexpected reason is a temporary failure, not a retry without end."""
    store = funded(table)
    calls = refusing(monkeypatch, cancelled("ItemCollectionSizeLimitExceeded"), 1000)
    with pytest.raises(TemporarilyUnavailableError):
        store.commit(USER, decide_spend, no_companions)
    assert len(calls) == 1


@pytest.mark.parametrize(
    "error",
    [
        AwsUnreachableError("TimeoutError"),
        AwsRefusedError("ThrottlingException", {}),
        AwsRefusedError("InternalServerError", {}, 500),
        AwsRefusedError("a failure without a name", {}, 503),
    ],
)
def test_an_unreachable_table_is_a_temporary_failure(
    table: str, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """What the client raises does not get past the adapter."""
    store = funded(table)
    refusing(monkeypatch, error, 1)
    with pytest.raises(TemporarilyUnavailableError):
        store.commit(USER, decide_spend, no_companions)


def test_a_retry_after_a_lost_answer_finds_the_run(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """L04: the transaction took effect but its answer was lost; the retry changes nothing."""
    store = funded(table)
    real = dynamodb.client().transact_write_items

    def lose_the_answer(**kwargs: Any) -> Any:  # noqa: ANN401
        real(**kwargs)
        raise AwsUnreachableError("TimeoutError")

    monkeypatch.setattr(dynamodb.client(), "transact_write_items", lose_the_answer)
    with pytest.raises(TemporarilyUnavailableError):
        store.commit(USER, decide_spend, lambda _: [run_put(table)])
    monkeypatch.undo()
    with pytest.raises(CompanionRefusedError):
        store.commit(USER, decide_spend, lambda _: [run_put(table)])
    assert store.account(USER).balance == 90


def test_more_entries_than_one_batch_are_refused_by_no_one(table: str) -> None:
    """Entries asked for by number come back by number; unknown ones are left out."""
    store = funded(table)
    assert set(store.entries_by_number(USER, [1, 7])) == {1}
    assert store.entries_by_number(USER, []) == {}


def test_the_module_names_no_update_and_no_delete() -> None:
    """L08: the adapter has no way to change an entry."""
    source = ledger_store.__loader__.get_source(ledger_store.__name__)  # type: ignore[union-attr]  # it has a source
    assert "update_item" not in source
    assert "delete_item" not in source
