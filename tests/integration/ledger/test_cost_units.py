"""What `make cost` charges for is what DynamoDB says is consumed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest

from cost.units import Counted, read_units
from tests.integration.ledger.scenarios import NOW, SCENARIOS, SOON, Stage
from tests.integration.ledger.test_cost import metered
from tests.simulator.engine import Engine
from tests.simulator.wire import Wire

pytestmark = pytest.mark.integration
_GIVEN: Final = {scenario.name: scenario.given for scenario in SCENARIOS}


def _running(stage: Stage) -> None:
    _GIVEN["start a run"](stage)
    stage.start_run()


def _marked(stage: Stage) -> None:
    _running(stage)
    stage.engine.run_saga.mark_running(stage.run_id, SOON)


def _charged(stage: Stage) -> None:
    stage.buy()
    stage.engine.charging.create_charge(stage.purchase, NOW)


OPERATIONS: Final[dict[str, tuple[Callable[[Stage], object], Callable[[Stage], object]]]] = {
    "start a run": (_GIVEN["start a run"], Stage.start_run),
    "mark a run running": (
        _running,
        lambda stage: stage.engine.run_saga.mark_running(stage.run_id, SOON),
    ),
    "mark a run succeeded": (
        _marked,
        lambda stage: stage.engine.run_saga.mark_succeeded(stage.run_id, {"rows": 1}, SOON),
    ),
    "buy": (lambda _: None, Stage.buy),
    "create a charge": (
        Stage.buy,
        lambda stage: stage.engine.charging.create_charge(stage.purchase, NOW),
    ),
    "wait for the payment": (
        _charged,
        lambda stage: stage.engine.awaiting.await_payment(stage.purchase, "token"),
    ),
    "settle by webhook": (
        _GIVEN["settle by webhook"],
        lambda stage: stage.engine.webhook(stage.charge_id, SOON),
    ),
}


@pytest.fixture
def stage(engine: Engine) -> Stage:
    """Wire the functions as Lambda has them: with threads that read beside others."""
    return Stage(Engine(engine.tables, engine.omise, executor=ThreadPoolExecutor(1)), 1)


def test_every_counted_operation_is_counted_here() -> None:
    """Given the file, this test knows all of its operations."""
    assert set(read_units().counted) == set(OPERATIONS)


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_is_charged_is_what_is_counted(name: str, stage: Stage, wire: Wire) -> None:
    """Given a usual account, an operation consumes exactly what the file says."""
    given, act = OPERATIONS[name]
    given(stage)
    meter = metered(wire, lambda: stage.wholly(act))
    counted = Counted(writes=meter.write_units, index=meter.index_units, reads=meter.read_units)
    assert counted == read_units().counted[name]
