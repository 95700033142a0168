"""What every operation that moves credits consumes and waits for, counted.

The units are DynamoDB's as the emulator reports them in `ReturnConsumedCapacity`. That it counts
as AWS does, two units per item and KB for a transactional write, is checked against the sizes.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Final

import pytest

from billing.adapters.ledger_items import to_item
from billing.domain.account import Account, Grant, GrantKind
from billing.domain.commands import GiveBack, GrantPromo, Spend
from billing.domain.entry import Cause, Entry, EntryType, seal
from billing.domain.ledger import execute
from billing.domain.verification import findings_of
from billing.settlement import Settlement
from kernel import dynamodb
from tests.integration.ledger.scenarios import ERROR, NOW, SCENARIOS, SOON, Stage
from tests.simulator.engine import WINDOW, Engine
from tests.simulator.figures import Figures
from tests.simulator.meter import Meter
from tests.simulator.wire import Wire

pytestmark = pytest.mark.integration
CAUSE: Final = Cause("test", "tst_1", "cor-1")
_GIVEN: Final = {scenario.name: scenario.given for scenario in SCENARIOS}


@dataclass(frozen=True)
class Budget:
    """The most that an operation may take; units of the listing index are counted apart."""

    writes: float
    reads: float
    index: float
    round_trips: int

    def allows(self, meter: Meter) -> bool:
        """Tell whether it was kept."""
        return (
            meter.write_units <= self.writes
            and meter.read_units <= self.reads
            and meter.index_units <= self.index
            and meter.round_trips <= self.round_trips
        )


@pytest.fixture
def stage(engine: Engine) -> Stage:
    """Wire the functions as Lambda has them: with threads that read beside others."""
    parallel = Engine(engine.tables, engine.omise, executor=ThreadPoolExecutor(1))
    return Stage(parallel, 1)


def metered(wire: Wire, act: Callable[[], object]) -> Meter:
    """Do something and count what it takes."""
    meter = Meter()
    with wire.behaving(meter):
        act()
    return meter


OPERATIONS: Final[dict[str, tuple[str, Callable[[Stage], object], Budget]]] = {
    "start a run": ("start a run", Stage.start_run, Budget(4, 3, 1, 2)),
    "give a run's credits back": (
        "give back",
        lambda stage: stage.engine.run_saga.give_back(stage.run_id, ERROR, SOON),
        Budget(4, 3, 0, 4),
    ),
    "buy": ("settle by webhook", Stage.buy, Budget(1, 0, 1, 1)),
    "settle by webhook": (
        "settle by webhook",
        lambda stage: stage.engine.webhook(stage.charge_id, SOON),
        # The fetch from Omise, the reads beside each other, the transaction, the saga's signal.
        Budget(6, 2, 0, 4),
    ),
    "settle by reconciler": (
        "settle by reconciler",
        lambda stage: stage.engine.awaiting.reconcile(stage.purchase, NOW + WINDOW),
        Budget(6, 2, 0, 3),
    ),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_an_operation_takes(name: str, stage: Stage, wire: Wire, figures: Figures) -> None:
    """Given a usual account, an operation stays within its budget."""
    given, act, budget = OPERATIONS[name]
    if name != "buy":
        _GIVEN[given](stage)
    meter = metered(wire, lambda: stage.wholly(act))
    figures.note(
        f"cost: {name}",
        f"{meter.write_units:g} WCU, {meter.index_units:g} WCU of the index, "
        f"{meter.read_units:g} RCU, {meter.round_trips} round trips",
    )
    assert budget.allows(meter), meter


@pytest.mark.parametrize("name", OPERATIONS)
def test_i02_w01_what_a_repetition_takes(
    name: str, stage: Stage, wire: Wire, figures: Figures
) -> None:
    """I02, W01: given an operation that was done, repeating it writes nothing."""
    given, act, _ = OPERATIONS[name]
    if name != "buy":
        _GIVEN[given](stage)
    act(stage)
    meter = metered(wire, lambda: stage.wholly(act))
    figures.note(f"cost: {name}, repeated", f"0 WCU, {meter.read_units:g} RCU")
    assert (meter.write_units, meter.index_units) == (0, 0)


def test_after_omises_answer_settling_is_one_round_trip(stage: Stage, wire: Wire) -> None:
    """Given the charge and, read beside it, account and purchase, one transaction settles."""
    stage.paid()
    purchase = stage.engine.purchases.get(stage.purchase)
    assert purchase is not None
    settlement = Settlement(stage.engine.ledger, stage.engine.purchases)
    account = settlement.account_of(stage.user)
    account.result()
    charge = stage.engine.omise.get(stage.charge_id)
    meter = metered(
        wire,
        lambda: settlement.settle(
            purchase,
            charge,
            livemode=False,
            source=purchase.history[0].source,
            now=SOON,
            account=account,
        ),
    )
    assert (meter.calls, meter.round_trips) == (["TransactWriteItems"], 1)


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_units_are_what_the_sizes_cost(name: str, stage: Stage, wire: Wire) -> None:
    """Given two units per item and KB in a transaction, the emulator counts as AWS says."""
    given, act, _ = OPERATIONS[name]
    if name != "buy":
        _GIVEN[given](stage)
    meter = metered(wire, lambda: stage.wholly(act))
    updates = 2 if name == "give a run's credits back" else 0  # the run is updated, not put
    per_kb = 1 if name == "buy" else 2
    expected = sum(per_kb * ceil(size / 1024) for size in meter.item_bytes) + updates
    assert meter.write_units == expected


@pytest.mark.parametrize("others", [0, 32])
def test_what_a_debit_in_a_group_takes(
    others: int, stage: Stage, wire: Wire, figures: Figures
) -> None:
    """Given 7 units a debit instead of 4, one transaction pays for all, up to 33 of them."""
    stage.add_workflow()
    stage.give(75 * (others + 1))
    for number in range(others):
        stage.somebody_waits(f"key-{number}", SOON + timedelta(seconds=1))
    meter = metered(wire, stage.start_run_in_a_group)
    assert meter.calls.count("TransactWriteItems") == 1
    assert len(stage.verified().runs) == others + 1
    assert meter.write_units == 7 + 6 * others  # the others' intents were put before
    assert meter.round_trips <= 6
    reads = f"{meter.read_units:g} RCU, {meter.round_trips} round trips"
    figures.note(f"cost: {others + 1} debits in a group", f"{meter.write_units:g} WCU, {reads}")


def with_open_grants(stage: Stage, count: int) -> list[Entry]:
    """Give a user single credits; only the last entry is stored, since no other is looked at."""
    account = Account(stage.user)
    entries: list[Entry] = []
    for number in range(count):
        command = GrantPromo(1, NOW + timedelta(days=1, seconds=number), CAUSE)
        entries += execute(account, command, NOW)
        account = entries[-1].after
    item = dynamodb.marshal(to_item(entries[-1]))
    dynamodb.client().put_item(TableName=stage.engine.tables.billing, Item=item)
    return entries


@pytest.mark.parametrize("grants", [1, 10, 50])
def test_up_to_fifty_open_grants_cost_nothing(grants: int, stage: Stage, wire: Wire) -> None:
    """Given an old account with large grants, its entry is still of one KB, so of two units."""
    given = tuple(
        Grant(100_000 + number, GrantKind.PAID, 1_000_000, NOW + timedelta(days=300, hours=number))
        for number in range(grants)
    )
    account = Account(stage.user, 250_000, 1_000_000 * grants, grants=given)
    last = Entry(EntryType.PURCHASE, 1_000_000, (), CAUSE, NOW, "00" * 32, account)
    item = dynamodb.marshal(to_item(seal(last)))
    dynamodb.client().put_item(TableName=stage.engine.tables.billing, Item=item)
    meter = metered(wire, lambda: stage.command(Spend(75, CAUSE)))
    assert meter.write_units == 2


@pytest.mark.parametrize("grants", [1, 10, 100, 1000])
def test_l14_an_account_with_many_open_grants(
    grants: int, stage: Stage, wire: Wire, figures: Figures
) -> None:
    """L14: given a thousand open grants, all can be spent at once, given back, and verified."""
    entries = with_open_grants(stage, grants)
    meter = metered(wire, lambda: stage.command(Spend(grants, CAUSE)))
    spend = stage.engine.ledger.entry(stage.user, grants + 1)
    assert spend is not None
    assert (spend.after.balance, len(spend.movements)) == (0, grants)
    stage.command(GiveBack(spend, CAUSE))
    stage.command(Spend(1, CAUSE))
    entries += stage.engine.ledger.entries(stage.user, before=None, limit=3)[::-1]
    assert len(entries[-1].after.grants) == grants - 1
    assert findings_of(stage.user, entries) == []
    (size_bytes,) = meter.item_bytes
    figures.note(f"cost: spend from {grants} grants at once", f"{meter.write_units:g} WCU")
    assert size_bytes <= 500 + 20 * grants
