"""Many at once on one account, through the real use case, on DynamoDB as the emulator plays it."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Lock
from typing import Final

import pytest

from billing.adapters.intent_store import IntentStore
from billing.debit import NEVER
from billing.domain.commands import Spend
from billing.domain.entry import Cause, EntryType
from billing.domain.ledger import execute
from kernel.errors import DomainError
from tests.simulator.engine import CHEAP, DEAR, Engine
from tests.simulator.faults import Fault, suffer
from tests.simulator.figures import Figures
from tests.simulator.truth import Truth, truth_of
from tests.simulator.wire import Behaviour, Call, Wire, undisturbed
from workflows.domain.run import RunRequest

pytestmark = pytest.mark.integration
NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
USER: Final = "usr_00000000000000000000000001"
WORKFLOW: Final = "wfl_00000000000000000000000001"
CHEAP_WORKFLOW: Final = "wfl_00000000000000000000000002"
THREADS: Final = 32
MAX_TRIES: Final = 30


def sometimes_in_conflict(seed: int) -> Behaviour:
    """Refuse every third transaction or so, as if another held an item."""
    chance, lock = random.Random(seed), Lock()  # repeatable, on purpose

    def behave(call: Call) -> object:
        with lock:
            strikes = call.operation == "TransactWriteItems" and chance.random() < 0.3
        return suffer(call, Fault.CONFLICT) if strikes else call.send()

    return behave


@pytest.fixture(params=["undisturbed", "conflicts"])
def traffic(request: pytest.FixtureRequest, wire: Wire) -> Iterator[str]:
    """Let everything happen without and with conflicts from elsewhere."""
    behaviour = undisturbed if request.param == "undisturbed" else sometimes_in_conflict(7)
    with wire.behaving(behaviour):
        yield request.param


@pytest.fixture(params=[NEVER, 1], ids=["each by itself", "in groups"])
def instances(engine: Engine, request: pytest.FixtureRequest) -> list[Engine]:
    """Instances without group commit, and with it after one attempt that was lost."""
    return started(engine, group_commit_after=request.param)


@pytest.fixture
def instances_alone(engine: Engine) -> list[Engine]:
    """Instances without group commit."""
    return started(engine, NEVER)


def started(engine: Engine, group_commit_after: int) -> list[Engine]:
    """Start one instance of the functions per thread, each with a thread of its own for reads."""
    engine.add_workflow(WORKFLOW, USER, DEAR.id, NOW)
    engine.add_workflow(CHEAP_WORKFLOW, USER, CHEAP.id, NOW)
    return [
        Engine(
            engine.tables,
            engine.omise,
            sleep=time.sleep,
            executor=ThreadPoolExecutor(1),
            group_commit_after=group_commit_after,
        )
        for _ in range(THREADS)
    ]


def request(key: str, workflow: str = WORKFLOW) -> RunRequest:
    """Make a request for a run."""
    return RunRequest(USER, workflow, key, None, f"cor-{key}")


def answer(instance: Engine, key: str, workflow: str = WORKFLOW) -> str:
    """Ask for a run until there is an answer; gives its id, or the code of the refusal."""
    for _ in range(MAX_TRIES):
        try:
            return instance.start_run(request(key, workflow), NOW).run.id
        except DomainError as refusal:
            if refusal.code != "account_busy":
                return refusal.code
    return "account_busy"


def at_once(calls: list[Callable[[], str]]) -> list[str]:
    """Make all calls at the same time."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda call: call(), calls))


def verified(engine: Engine) -> Truth:
    """Read everything that is stored and verify it."""
    truth = truth_of(engine)
    truth.verify()
    return truth


@pytest.mark.usefixtures("traffic")
def test_l03_twenty_runs_of_75_on_500_credits_are_six(
    engine: Engine, instances: list[Engine]
) -> None:
    """L03: given 500 credits and 20 runs of 75 at once, exactly 6 are paid, the rest refused."""
    engine.give(USER, 500, NOW)
    answers = at_once([lambda n=n: answer(instances[n], f"key-{n}") for n in range(20)])  # type: ignore[misc]  # a default
    outcomes = Counter("run" if a.startswith("run_") else a for a in answers)
    assert outcomes == {"run": 6, "insufficient_credits": 14}
    truth = verified(engine)
    assert (len(truth.runs), truth.ledgers[USER][-1].after.balance) == (6, 50)


@pytest.mark.usefixtures("traffic")
def test_i04_sixteen_times_the_same_key_is_one_run(engine: Engine, instances: list[Engine]) -> None:
    """I04: given one key 16 times at once, there is one run, one debit and one answer."""
    engine.give(USER, 75, NOW)
    answers = at_once([lambda n=n: answer(instances[n], "same") for n in range(16)])  # type: ignore[misc]  # a default
    (run_id,) = set(answers)
    truth = verified(engine)
    assert list(truth.runs) == [run_id]
    assert truth.ledgers[USER][-1].after.balance == 0


def test_l01_l03_l11_32_threads_spend_every_credit_once(
    engine: Engine, instances_alone: list[Engine], figures: Figures, traffic: str
) -> None:
    """L03, L11: given k credits and k + 32 debits of 1 from 32 threads, exactly k succeed."""
    credits = 96
    engine.give(USER, credits, NOW)

    busy = Counter[int]()

    def spend(instance: Engine, number: int) -> str:
        command = Spend(1, Cause("run", f"run_{number}", "cor-1"))
        for _ in range(MAX_TRIES):
            try:
                instance.ledger.commit(
                    USER, lambda account: execute(account, command, NOW), lambda _: []
                )
            except DomainError as refusal:
                if refusal.code != "account_busy":
                    return refusal.code
                busy[number] += 1
            else:
                return "spent"
        return "account_busy"

    answers = at_once(
        [lambda n=n: spend(instances_alone[n % THREADS], n) for n in range(credits + THREADS)]  # type: ignore[misc]  # a default
    )
    assert Counter(answers) == {"spent": credits, "insufficient_credits": THREADS}
    ledger = list(engine.walk.history(USER))
    assert [e.entry_no for e in ledger] == list(range(1, credits + 2))
    assert ledger[-1].after.balance == 0
    assert sum(e.type is EntryType.SPEND for e in ledger) == credits
    figures.note("threads on one account", THREADS)
    told = f"of {credits + THREADS} debits at once, {traffic}, told `account_busy` at first"
    figures.note(told, len(busy))


@pytest.mark.usefixtures("traffic")
def test_l01_l03_32_threads_run_as_often_as_is_paid_for(
    engine: Engine, instances: list[Engine]
) -> None:
    """L03: given credits for 48 runs and 80 asked for by 32 threads, exactly 48 are paid."""
    runs = 48
    engine.give(USER, runs * CHEAP.credit_cost + 1, NOW)
    answers = at_once(
        [
            lambda n=n: answer(instances[n % THREADS], f"key-{n}", CHEAP_WORKFLOW)  # type: ignore[misc]  # a default
            for n in range(runs + THREADS)
        ]
    )
    outcomes = Counter("run" if a.startswith("run_") else a for a in answers)
    assert outcomes == {"run": runs, "insufficient_credits": THREADS}
    truth = verified(engine)
    assert len(truth.runs) == runs
    assert [e.entry_no for e in truth.ledgers[USER]] == list(range(1, runs + 2))
    assert truth.ledgers[USER][-1].after.balance == 1
    assert IntentStore(engine.tables.billing).open(USER) == []
