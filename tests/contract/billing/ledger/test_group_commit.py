"""Group commit: whoever comes first pays for all, whoever dies is stepped in for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from billing.adapters.intent_store import IntentStore, number_of
from billing.adapters.ledger_store import LedgerStore
from billing.debit import (
    AccountBusyError,
    CompanionRefusedError,
    Debit,
    Debits,
    InsufficientCreditsError,
    RunRecord,
    TransactItem,
)
from billing.domain.commands import GrantPromo
from billing.domain.debit_intents import DebitIntent
from billing.domain.entry import Cause
from billing.domain.ledger import execute
from billing.group_commit import HOT_FOR, MAX_LOOKS, STALLED_LOOKS, GroupCommit
from kernel import dynamodb
from kernel.aws.json_api import AwsRefusedError
from kernel.dynamodb import Item
from kernel.errors import TemporarilyUnavailableError

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
EARLIER: Final = NOW - timedelta(seconds=1)
USER: Final = "usr_00000000000000000000"
COST: Final = 10
Meanwhile = Callable[[float], None]


class World:
    """A table with one account of 100 credits, and who works on it."""

    def __init__(self, table: str) -> None:
        self.table = table
        self.ledger = LedgerStore(table, lambda _: None)
        self.intents = IntentStore(table)
        grant = GrantPromo(100, None, Cause("promo", "prm_1", "cor-1"))
        self.ledger.commit(USER, lambda account: execute(account, grant, NOW), lambda _: [])

    def debits(self, meanwhile: Meanwhile = lambda _: None, after: int = 0) -> Debits:
        """Start an instance of the function; others act while it waits."""
        return Debits(self.ledger, GroupCommit(self.ledger, self.intents, after, meanwhile))

    def debit(self, debits: Debits, run: str, now: datetime = NOW, credits: int = COST) -> Debit:
        """Pay for a run."""
        return debits.debit(
            self.ledger.account(USER),
            credits=credits,
            run_id=run,
            now=now,
            correlation_id=f"cor-{run}",
            run=RunRecord({"pk": run, "sk": "RUN"}, self.put, lambda: self.run(run)),
        )

    def put(self, draft: Item, debit: Debit) -> TransactItem:
        """Store a run once."""
        item = {**draft, "entry_no": debit.entry_no}
        return {
            "Put": {
                "TableName": self.table,
                "Item": dynamodb.marshal(item),
                "ConditionExpression": "attribute_not_exists(pk)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }

    def run(self, run: str) -> Item | None:
        """Read a run."""
        key: Any = dynamodb.marshal({"pk": run, "sk": "RUN"})
        item = dynamodb.client().get_item(TableName=self.table, Key=key).get("Item")
        return dynamodb.unmarshal(item) if item else None

    def abandon(self, run: str, asked_at: datetime = EARLIER, credits: int = COST) -> DebitIntent:
        """Leave the intent of somebody who died after it was put."""
        intent = DebitIntent(
            USER,
            number_of(asked_at),
            credits,
            Cause("run", run, f"cor-{run}"),
            asked_at,
            asked_at + timedelta(seconds=5),
            {"pk": run, "sk": "RUN"},
        )
        self.intents.put(intent)
        return intent

    @property
    def balance(self) -> int:
        """The account's credits."""
        return self.ledger.account(USER).balance


@pytest.fixture
def world(table: str) -> World:
    """Make an account of 100 credits."""
    return World(table)


def refusing(
    monkeypatch: pytest.MonkeyPatch, operation: str, error: Exception, times: int = 10_000
) -> list[Any]:
    """Make an operation's next calls fail; gives the list of its calls."""
    real = getattr(dynamodb.client(), operation)
    calls: list[Any] = []

    def call(**kwargs: Any) -> Any:  # noqa: ANN401
        calls.append(kwargs)
        if len(calls) <= times:
            raise error
        return real(**kwargs)

    monkeypatch.setattr(dynamodb.client(), operation, call)
    return calls


def conflict() -> AwsRefusedError:
    """Make what a transaction gets while another one holds an item of it."""
    reasons = {"CancellationReasons": [{"Code": "TransactionConflict"}]}
    return AwsRefusedError("TransactionCanceledException", reasons)


def test_a_debit_alone_in_its_group_leaves_no_intent(world: World) -> None:
    """Given nobody else, it is one entry and one run, and the queue is empty again."""
    assert world.debit(world.debits(), "run_1") == Debit(2, 90)
    assert world.run("run_1") == {"pk": "run_1", "sk": "RUN", "entry_no": 2}
    assert world.intents.open(USER) == []


def test_the_oldest_pays_for_all_that_wait_in_one_transaction(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given two younger intents, one transaction stores three runs, each with its own entry."""
    for run in ("run_2", "run_3"):
        world.abandon(run, NOW)
    calls = refusing(monkeypatch, "transact_write_items", conflict(), times=0)
    assert world.debit(world.debits(), "run_1", EARLIER) == Debit(2, 90)
    assert len(calls) == 1
    numbers = [(world.run(run) or {})["entry_no"] for run in ("run_1", "run_2", "run_3")]
    assert sorted(numbers) == [2, 3, 4]
    assert (world.balance, world.intents.open(USER)) == (70, [])


def test_who_waits_finds_the_run_that_another_one_stored(world: World) -> None:
    """Given an older debit whose function commits for both, the younger one finds its run."""

    def others(_seconds: float) -> None:
        if world.run("run_1") is None:
            world.debit(world.debits(), "run_1", EARLIER)

    world.abandon("run_0", EARLIER - timedelta(seconds=1), credits=101)
    with pytest.raises(CompanionRefusedError) as found:
        world.debit(world.debits(others), "run_2")
    assert found.value.item == {"pk": "run_2", "sk": "RUN", "entry_no": 3}
    assert world.balance == 80


def test_l04_who_died_is_stepped_in_for(world: World) -> None:
    """L04: given an older intent that nobody commits, others do after some looks, for it too."""
    waits: list[float] = []
    world.abandon("run_dead")
    assert world.debit(world.debits(waits.append), "run_1") == Debit(3, 80)
    assert len(waits) == STALLED_LOOKS - 1
    assert world.run("run_dead") is not None


def test_an_intent_after_its_time_is_removed_and_never_carried_out(world: World) -> None:
    """Given an intent whose owner gave up long ago, it goes and has no effect."""
    world.abandon("run_dead", NOW - timedelta(seconds=6))
    assert world.debit(world.debits(), "run_1") == Debit(2, 90)
    assert world.run("run_dead") is None
    assert world.intents.open(USER) == []


def test_l05_an_intent_of_a_run_that_is_stored_holds_nobody_up(world: World) -> None:
    """L05: given a run that was paid for otherwise meanwhile, its intent goes without effect."""
    world.debit(world.debits(), "run_1")
    world.abandon("run_1")
    assert world.debit(world.debits(), "run_2") == Debit(3, 80)
    assert world.intents.open(USER) == []


def test_l03_only_who_asked_is_refused(world: World) -> None:
    """L03: given more than there is, that debit is refused, the other one paid, none waits on."""
    world.abandon("run_dear", NOW, credits=91)
    assert world.debit(world.debits(), "run_1", EARLIER) == Debit(2, 90)
    with pytest.raises(InsufficientCreditsError) as refusal:
        world.debit(world.debits(), "run_dear", credits=91)
    assert refusal.value.members["available"] == 90
    assert world.intents.open(USER) == []


def test_l03_credits_that_come_while_somebody_is_refused_are_spent(world: World) -> None:
    """L03: given a purchase between the group and the refusal, the debit is paid for after all."""

    def purchase(_seconds: float) -> None:
        grant = GrantPromo(50, None, Cause("promo", "prm_2", "cor-2"))
        world.ledger.commit(USER, lambda account: execute(account, grant, NOW), lambda _: [])

    assert world.debit(world.debits(purchase), "run_1", credits=120) == Debit(3, 30)


def test_l11_a_busy_account_is_given_up_and_nothing_happens_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """L11: given nothing but conflicts, looks are bounded, and the intent is withdrawn."""
    waits: list[float] = []
    calls = refusing(monkeypatch, "transact_write_items", conflict())
    with pytest.raises(AccountBusyError):
        world.debit(world.debits(waits.append), "run_1")
    assert (len(waits), len(calls), max(waits) <= 0.1) == (MAX_LOOKS, MAX_LOOKS, True)
    assert (world.balance, world.intents.open(USER)) == (100, [])


def test_a_withdrawal_in_conflict_is_repeated(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a transaction that has to do with the intent, who gives up tries again to withdraw."""
    refusing(monkeypatch, "transact_write_items", conflict())
    error = AwsRefusedError("TransactionConflictException", {})
    deletes = refusing(monkeypatch, "delete_item", error, times=2)
    with pytest.raises(AccountBusyError):
        world.debit(world.debits(), "run_1")
    assert len(deletes) == 3
    assert world.intents.open(USER) == []


def test_a_withdrawal_that_stays_in_conflict_promises_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given no way to withdraw, the answer is not that nothing happens."""
    refusing(monkeypatch, "transact_write_items", conflict())
    error = AwsRefusedError("TransactionConflictException", {})
    refusing(monkeypatch, "delete_item", error)
    with pytest.raises(TemporarilyUnavailableError):
        world.debit(world.debits(), "run_1")


def test_l10_an_unreachable_table_leaves_no_intent_behind(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """L10: given a transaction that is throttled, the intent is withdrawn before the answer."""
    throttled = AwsRefusedError("ThrottlingException", {})
    refusing(monkeypatch, "transact_write_items", throttled)
    with pytest.raises(TemporarilyUnavailableError):
        world.debit(world.debits(), "run_1")
    assert (world.balance, world.intents.open(USER)) == (100, [])


def test_l04_an_answer_that_was_lost_is_found(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """L04: given a transaction that took effect without an answer, the run is found at once."""
    real = dynamodb.client().transact_write_items

    def lose_the_answer(**kwargs: Any) -> Any:  # noqa: ANN401
        real(**kwargs)
        raise AwsRefusedError("InternalServerError", {})

    monkeypatch.setattr(dynamodb.client(), "transact_write_items", lose_the_answer)
    with pytest.raises(CompanionRefusedError) as found:
        world.debit(world.debits(), "run_1")
    assert found.value.item == {"pk": "run_1", "sk": "RUN", "entry_no": 2}
    assert world.balance == 90


def test_an_account_is_hot_from_a_lost_attempt_on_and_for_a_while(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given one attempt of its own, a debit that loses it joins, and the next ones at once."""
    debits = world.debits(after=1)
    calls = refusing(monkeypatch, "put_item", conflict(), times=0)
    refusing(monkeypatch, "transact_write_items", conflict(), times=1)
    for run, now, intents in (
        ("run_1", NOW, 1),
        ("run_2", NOW + HOT_FOR / 2, 2),
        ("run_3", NOW + HOT_FOR, 2),
    ):
        world.debit(debits, run, now)
        assert len(calls) == intents
    assert world.balance == 70


def test_an_account_on_which_debits_go_on_to_meet_stays_hot(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a group of two, the account is hot for as long again."""
    debits = world.debits(after=1)
    calls = refusing(monkeypatch, "put_item", conflict(), times=0)
    refusing(monkeypatch, "transact_write_items", conflict(), times=1)
    world.debit(debits, "run_1", NOW)
    later = NOW + HOT_FOR / 2
    world.abandon("run_2", later)
    world.debit(debits, "run_3", later)
    world.debit(debits, "run_4", NOW + HOT_FOR)
    assert len(calls) == 4  # one of them that of `run_2`
