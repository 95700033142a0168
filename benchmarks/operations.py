"""What is done to credits, each with what must be there before, for its calls to be counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.integration.ledger.scenarios import ERROR, NOW, SOON, Stage
from tests.simulator.engine import WINDOW


@dataclass(frozen=True)
class Operation:
    """Something that a user or Omise does.

    Parameters
    ----------
    name
        What.
    given
        What must be there before, none of it counted.
    act
        What is counted.
    """

    name: str
    given: Callable[[Stage], object]
    act: Callable[[Stage], object]


def _funded_workflow(stage: Stage) -> None:
    stage.add_workflow()
    stage.give(1_000)


def _ran(stage: Stage) -> None:
    _funded_workflow(stage)
    stage.start_run()


def _delivered(stage: Stage) -> None:
    stage.paid()
    _webhook(stage)


def _webhook(stage: Stage) -> None:
    stage.engine.webhook(stage.charge_id, SOON)


def _give_back(stage: Stage) -> None:
    stage.engine.run_saga.give_back(stage.run_id, ERROR, SOON)


def _read_account(stage: Stage) -> None:
    stage.engine.ledger.account(stage.user)


OPERATIONS: Final = (
    Operation("start a run", _funded_workflow, Stage.start_run),
    Operation("start the same run again", _ran, Stage.start_run),
    Operation("give a run's credits back", _ran, _give_back),
    Operation("open a purchase", lambda _: None, Stage.buy),
    Operation("settle by webhook", Stage.paid, _webhook),
    Operation("the same webhook again", _delivered, _webhook),
    Operation(
        "settle by reconciler",
        Stage.paid,
        lambda stage: stage.engine.awaiting.reconcile(stage.purchase, NOW + WINDOW),
    ),
    Operation("read the account", lambda stage: stage.give(1_000), _read_account),
    Operation(
        "read a page of the ledger",
        lambda stage: stage.give(1_000),
        lambda stage: stage.engine.ledger.entries(stage.user, before=None, limit=20),
    ),
)
# On one account, in this order: each begins where the one before ended.
GROWING: Final = (
    Operation("read the account", lambda _: None, _read_account),
    Operation("start a run", Stage.add_workflow, Stage.start_run),
    Operation("give a run's credits back", lambda _: None, _give_back),
    Operation("settle by webhook", Stage.paid, _webhook),
)
