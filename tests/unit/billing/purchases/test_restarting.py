"""Lost purchase sagas: found and started again, once each."""

from __future__ import annotations

from datetime import timedelta

import pytest

from billing.sweeper.restarting import MAX_EXECUTIONS, Restarting
from kernel.errors import TemporarilyUnavailableError
from kernel.sagas.executions import Execution, execution_name
from tests.unit.billing.purchases.world import NOW, PURCHASE, World, a_purchase

PATIENCE = timedelta(minutes=15)
LATER = NOW + timedelta(hours=1)
RUNS = Execution(runs=True)
LOST = Execution(runs=False, error="States.ServiceRestart")
STUCK = Execution(runs=False, error="PurchaseStuck")


class Sagas:
    """Executions by name."""

    def __init__(self, *executions: Execution) -> None:
        self.by_name = {
            execution_name(PURCHASE, number): execution
            for number, execution in enumerate(executions, start=1)
        }
        self.started_under: list[str] = []

    def start(self, purchase_id: str, /, correlation_id: str, number: int) -> bool:
        """Start one, once."""
        name = execution_name(purchase_id, number)
        if name in self.by_name:
            return False
        self.by_name[name] = RUNS
        self.started_under.append(correlation_id)
        return True

    def find(self, purchase_id: str, /, number: int) -> Execution | None:
        """Look at one."""
        return self.by_name.get(execution_name(purchase_id, number))


def swept(world: World, sagas: Sagas, *, after: timedelta = timedelta(hours=1)) -> int:
    """Sweep once."""
    restarting = Restarting(world.purchases, sagas, PATIENCE)
    return restarting.restart([PURCHASE, "pur_unknown"], NOW + after)


@pytest.mark.parametrize(
    ("executions", "started"),
    [
        pytest.param([], PURCHASE, id="never started"),
        pytest.param([LOST], f"{PURCHASE}-2", id="lost"),
        pytest.param([LOST, LOST], f"{PURCHASE}-3", id="lost twice"),
    ],
)
def test_a_lost_saga_is_started_again(
    world: World, executions: list[Execution], started: str
) -> None:
    """Given a pending purchase whose executions all ended, another goes on, and only one."""
    world.purchases.create(a_purchase())
    sagas = Sagas(*executions)

    assert [swept(world, sagas), swept(world, sagas)] == [1, 0]
    assert sagas.by_name[started] == RUNS
    assert sagas.started_under == ["cor-1"]


@pytest.mark.parametrize(
    "executions",
    [
        pytest.param([RUNS], id="it runs"),
        pytest.param([LOST, RUNS], id="the second one runs"),
        pytest.param([STUCK], id="a person was called"),
    ],
)
def test_a_saga_that_is_not_lost_is_let_alone(world: World, executions: list[Execution]) -> None:
    """Given a saga that runs, or that called for a person, nothing is started."""
    world.purchases.create(a_purchase())

    assert swept(world, Sagas(*executions)) == 0


def test_the_stream_gets_its_time(world: World) -> None:
    """Given a purchase of a moment ago without an execution, the dispatcher is not overtaken."""
    world.purchases.create(a_purchase())

    assert swept(world, Sagas(), after=PATIENCE - timedelta(seconds=1)) == 0


def test_a_purchase_that_has_ended_needs_no_saga(world: World) -> None:
    """Given a purchase that was settled without it, the lost saga is not missed."""
    world.given_charged()
    world.omise.pays()
    assert world.awaiting.reconcile(PURCHASE, NOW) == "completed"

    assert swept(world, Sagas(LOST)) == 0


def test_a_saga_that_is_lost_again_and_again_calls_for_a_person(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Given too many executions, the alarm is raised instead of another."""
    world.purchases.create(a_purchase())

    assert swept(world, Sagas(*[LOST] * MAX_EXECUTIONS)) == 0
    assert '"PurchaseStuck"' in capsys.readouterr().out


def test_one_purchase_that_cannot_be_looked_at_does_not_hold_up_the_others(world: World) -> None:
    """Given Step Functions that fails once, the other purchase's saga is started."""
    world.purchases.create(a_purchase())

    class Troubled(Sagas):
        failed = False

        def find(self, purchase_id: str, /, number: int) -> Execution | None:
            if not self.failed:
                self.failed = True
                raise TemporarilyUnavailableError("down")
            return super().find(purchase_id, number)

    restarting = Restarting(world.purchases, Troubled(), PATIENCE)
    assert restarting.restart([PURCHASE, PURCHASE], LATER) == 1


def test_one_purchase_that_is_broken_holds_up_no_other_and_is_told(world: World) -> None:
    """Given a defect at first, the next purchase's saga is started, and then the sweep fails."""
    world.purchases.create(a_purchase())

    class Broken(Sagas):
        failed = False

        def find(self, purchase_id: str, /, number: int) -> Execution | None:
            if not self.failed:
                self.failed = True
                raise LookupError("defect")
            return super().find(purchase_id, number)

    sagas = Broken()
    restarting = Restarting(world.purchases, sagas, PATIENCE)
    with pytest.raises(ExceptionGroup, match="cannot be looked at"):
        restarting.restart([PURCHASE, PURCHASE], LATER)
    assert list(sagas.by_name) == [PURCHASE]
