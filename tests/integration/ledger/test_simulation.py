"""Short lives of the engine under faults, and proof that the simulator sees what goes wrong."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final

import pytest

from billing.adapters import ledger_store
from billing.adapters.purchase_store import PurchaseStore
from billing.debit import NEVER
from tests.simulator.figures import Figures
from tests.simulator.simulation import Simulation, SimulationError
from tests.simulator.wire import Wire
from workflows.adapters import run_ledger, run_table
from workflows.adapters.run_ledger import TransactionalRunLedger

pytestmark = pytest.mark.integration
SEEDS: Final = int(os.environ.get("SIMULATION_SEEDS", "3"))
STEPS: Final = 100
SEEDS_FOR_A_DEFECT: Final = 40  # the first that shows it ends the search


@pytest.mark.parametrize("seed", range(SEEDS))
def test_l01_l04_l05_l09_l13_w01_w08_w12_a_life_under_faults(seed: int, wire: Wire) -> None:
    """L01, L04, L05, L09, L13: given any order of calls and any faults, no credit is wrong."""
    Simulation(wire, seed).run(STEPS)


@pytest.mark.parametrize("group_commit_after", [0, 1])
@pytest.mark.parametrize("seed", range(SEEDS))
def test_l01_l03_l04_l05_l13_l14_a_life_in_which_debits_are_grouped(
    seed: int, group_commit_after: int, wire: Wire
) -> None:
    """L01, L03 to L05, L13, L14: given group commit, too, no credit is wrong."""
    Simulation(wire, seed, group_commit_after=group_commit_after).run(STEPS)


def test_the_same_seed_is_the_same_life(wire: Wire, figures: Figures) -> None:
    """A failing seed can be looked at again: same calls, faults and answers."""
    once, again = (Simulation(wire, 11).run(60) for _ in range(2))
    assert once == again
    figures.note("seeds of the simulation in the test suite", SEEDS)


def without(condition: str) -> Callable[[Any], Any]:
    """Make a change of a write that forgets one condition."""

    def forget(write: dict[str, Any]) -> dict[str, Any]:
        ((kind, request),) = write.items() if len(write) == 1 else (("Update", write),)
        request = {
            k: v
            for k, v in request.items()
            if k not in {condition, "ReturnValuesOnConditionCheckFailure"}
        }
        request.pop("ExpressionAttributeValues" if kind == "Put" else "", None)
        return {kind: request} if len(write) == 1 else request

    return forget


def _forgetful(
    call: Callable[..., Any], condition: str = "ConditionExpression"
) -> Callable[..., Any]:
    return lambda *args: without(condition)(call(*args))


def plant_entries_that_overwrite(patch: pytest.MonkeyPatch) -> None:
    """Put ledger entries whether their number is free or not."""
    store = ledger_store.LedgerStore
    patch.setattr(store, "_put", _forgetful(store._put))


def plant_purchases_that_complete_twice(patch: pytest.MonkeyPatch) -> None:
    """Complete a purchase whatever its version."""
    patch.setattr(PurchaseStore, "write_of", _forgetful(PurchaseStore.write_of))


def plant_runs_that_fail_twice(patch: pytest.MonkeyPatch) -> None:
    """Mark a run as failed whatever its status."""
    stock = run_table.transition

    def careless(*args: Any) -> dict[str, Any]:  # noqa: ANN401  # as the stock one
        update = stock(*args)
        values = update["ExpressionAttributeValues"]
        kept = {name: value for name, value in values.items() if not name.startswith(":from")}
        return {
            **{k: v for k, v in update.items() if k != "ConditionExpression"},
            "ExpressionAttributeValues": kept,
        }

    patch.setattr(run_ledger, "transition", careless)


def plant_runs_that_are_paid_for_twice(patch: pytest.MonkeyPatch) -> None:
    """Store a run whether it is there or not."""
    stock = TransactionalRunLedger._put
    patch.setattr(TransactionalRunLedger, "_put", _forgetful(stock))


def lives(wire: Wire, seeds: int, group_commit_after: int = NEVER) -> None:
    """Let some lives pass, one after another."""
    for seed in range(seeds):
        Simulation(wire, seed, group_commit_after=group_commit_after).run(STEPS)


@pytest.mark.parametrize(
    "plant",
    [
        plant_entries_that_overwrite,
        plant_purchases_that_complete_twice,
        plant_runs_that_fail_twice,
    ],
)
def test_a_planted_defect_is_found(
    plant: Callable[[pytest.MonkeyPatch], None], wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a write that forgot its condition, some seed shows credits going wrong."""
    plant(monkeypatch)
    with pytest.raises(SimulationError, match="make soak SEED="):
        lives(wire, SEEDS_FOR_A_DEFECT)


def test_a_run_that_a_group_pays_for_twice_is_found(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given group commit that stores runs without a condition, some seed shows it."""
    plant_runs_that_are_paid_for_twice(monkeypatch)
    with pytest.raises(SimulationError, match="GROUP=0"):
        lives(wire, SEEDS_FOR_A_DEFECT, group_commit_after=0)
