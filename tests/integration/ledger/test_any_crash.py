"""Every use case that moves credits, with every call that it makes failing before and after.

The caller tries again, as clients, Omise and Step Functions do. Whatever failed, the effect is
there once, and everything that must be true of the stored credits is true.
"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable, Sequence
from itertools import count, product
from typing import Final

import pytest

from billing.adapters.purchase_store import PurchaseChangedError
from kernel.errors import TemporarilyUnavailableError
from tests.integration.ledger.scenarios import SCENARIOS, Scenario, Stage
from tests.simulator.engine import Engine, new_engine
from tests.simulator.faults import Fault, KilledError, suffer
from tests.simulator.figures import Figures
from tests.simulator.tables import new_tables
from tests.simulator.wire import Call, Wire

pytestmark = pytest.mark.integration
MAX_TRIES: Final = 5
PAIRS: Final = int(os.environ.get("CRASH_PAIRS", "24"))
KILLS: Final = (Fault.KILLED_BEFORE, Fault.KILLED_AFTER)
_numbers = count(1)
_tried: dict[str, int] = {}


class Saboteur:
    """Lets certain calls fail, counted from the first; remembers all of them."""

    def __init__(self, faults: dict[int, Fault]) -> None:
        self._faults = faults
        self._counting = threading.Lock()
        self.calls: list[str] = []

    def __call__(self, call: Call) -> object:
        """Carry a call, or let it fail."""
        with self._counting:  # a webhook reads two things at once
            self.calls.append(call.operation)
            fault = self._faults.get(len(self.calls))
        return suffer(call, fault) if fault else call.send()

    @property
    def has_struck(self) -> bool:
        """Tell whether all its faults came up."""
        return len(self.calls) >= max(self._faults, default=0)


@pytest.fixture(scope="module")
def stages(wire: Wire) -> Callable[[], Stage]:
    """Makes stages, each on tables of its own and with a newly started engine."""

    def stage() -> Stage:
        return Stage(new_engine(new_tables(), wire), next(_numbers))

    return stage


def attempt(scenario: Scenario, stage: Stage, wire: Wire, faults: dict[int, Fault]) -> Saboteur:
    """Carry out a scenario among faults, and verify what it left; then once more without any."""
    scenario.given(stage)
    before = len(stage.ledger())
    saboteur = Saboteur(faults)
    with wire.behaving(saboteur):
        _repeated(lambda: scenario.when(_restarted(stage)))
    for _ in range(2):  # the caller may not have heard, and asks once more
        ledger = stage.ledger()
        stage.verified()
        assert tuple(entry.type for entry in ledger[before:]) == scenario.adds
        assert ledger[-1].after.balance == scenario.balance
        scenario.when(_restarted(stage))
    return saboteur


def _restarted(stage: Stage) -> Stage:
    """Start the functions anew: nothing that was in memory is left."""
    engine = Engine(stage.engine.tables, stage.engine.omise)
    return Stage(engine, stage.number)


def _repeated(act: Callable[[], object]) -> None:
    for _ in range(MAX_TRIES):
        try:
            act()
        except (KilledError, TemporarilyUnavailableError, PurchaseChangedError):
            continue
        return
    pytest.fail("two faults make a caller fail five times")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_l04_l01_l02_l05_l09_one_fault_at_any_call(
    scenario: Scenario, stages: Callable[[], Stage], wire: Wire, figures: Figures
) -> None:
    """L04: given any call that fails in any way, retries lead to the one effect."""
    calls = len(attempt(scenario, stages(), wire, {}).calls)
    for call_no, fault in product(range(1, calls + 1), Fault):
        saboteur = attempt(scenario, stages(), wire, {call_no: fault})
        assert saboteur.has_struck
    _note(figures, scenario, calls * len(Fault))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_l04_killed_twice(
    scenario: Scenario, stages: Callable[[], Stage], wire: Wire, figures: Figures
) -> None:
    """L04: given a process that is killed, and its retry too, at any calls, there is one effect."""
    tried = 0
    for faults in _pairs(len(attempt(scenario, stages(), wire, {}).calls)):
        tried += attempt(scenario, stages(), wire, faults).has_struck
    _note(figures, scenario, tried)


def _pairs(calls: int) -> Sequence[dict[int, Fault]]:
    """List kills of a call, and of one of the retry's that begins after it; or a sample of them."""
    numbers = range(1, calls + 1)
    every = [
        {first: one, first + later: other}
        for first, later, one, other in product(numbers, numbers, KILLS, KILLS)
    ]
    return random.Random(calls).sample(every, min(PAIRS, len(every)))


def _note(figures: Figures, scenario: Scenario, points: int) -> None:
    _tried[scenario.name] = _tried.get(scenario.name, 0) + points
    figures.note(f"crash points: {scenario}", _tried[scenario.name])
    figures.note("crash points in all", sum(_tried.values()))
