"""The saga killed at any call, before it or after it, and run again.

A small interpreter walks the state machine as `billing.saga.handler` describes it. The n-th call
to the table, the ledger or Omise fails, before or after it had its effect; the step is repeated,
as Step Functions does it. In the end there is one charge, and credits if and only if it was paid.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from billing.adapters.purchase_store import PurchaseChangedError
from billing.domain.charge import ChargeStatus
from billing.domain.purchase_parts import PurchaseStatus
from billing.saga.charging import LOOKS
from kernel.errors import TemporarilyUnavailableError
from tests.unit.billing.purchases.world import CARD, NOW, PURCHASE, WINDOW, World, a_purchase, lost

OMISE = ("create", "get", "find", "expire")
TABLE = ("get", "save", "put_task_token")
LEDGER = ("commit", "account")
MAX_STATES = 60


class Saboteur:
    """Lets exactly one call fail."""

    def __init__(self, call_no: int, side: str) -> None:
        self._left = call_no
        self._side = side
        self.has_struck = False

    def watch(self, target: object, names: tuple[str, ...], error: type[Exception] | None) -> None:
        """Put itself between the saga and what it calls."""
        for name in names:
            setattr(target, name, self._wrapped(getattr(target, name), error))

    def _wrapped(self, call: Callable[..., Any], error: type[Exception] | None) -> Any:  # noqa: ANN401
        def sabotaged(*args: object, **kwargs: object) -> object:
            self._left -= 1
            strikes = self._left == 0
            self.has_struck |= strikes
            failure = error("killed") if error else lost()
            if strikes and self._side == "before":
                raise failure
            result = call(*args, **kwargs)
            if strikes:
                raise failure
            return result

        return sabotaged


def run(world: World, *, pays: bool) -> str:
    """Walk the state machine to its end and return how it ended."""
    state, look = "create_charge", 1
    for _ in range(MAX_STATES):
        outcome = _repeated(partial(_step, world, state, look, pays=pays))
        if outcome in {"completed", "failed", "expired"}:
            return outcome
        look = look + 1 if outcome == "absent" else 1
        state = {
            "unknown": "find_charge",
            "absent": "find_charge",
            "retry": "create_charge",
            "pending": "await_payment" if state != "await_payment" else "reconcile",
            "paid": "settle",
        }[outcome]
    pytest.fail("the saga does not end")


def _repeated(step: Callable[[], str]) -> str:
    for _ in range(3):
        try:
            return step()
        except (TemporarilyUnavailableError, PurchaseChangedError):
            continue
    pytest.fail("one fault makes a step fail three times")


def _step(world: World, state: str, look: int, *, pays: bool) -> str:
    if state == "create_charge":
        return world.charging.create_charge(PURCHASE, NOW)
    if state == "find_charge":
        assert look <= LOOKS
        return world.charging.find_charge(PURCHASE, look, NOW)
    if state == "await_payment":
        world.awaiting.await_payment(PURCHASE, "token")
        if pays:
            world.omise.pays()
        return "pending"
    return world.awaiting.reconcile(PURCHASE, NOW + WINDOW)


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("call_no", range(1, 16))
@pytest.mark.parametrize("way", ["paid qr", "unpaid qr", "paid card", "declined card"])
def test_s04_i06_l04_killed_at_any_call_nothing_is_lost_or_doubled(
    way: str, call_no: int, side: str
) -> None:
    """One charge; credits once if it was paid, and none if not."""
    world = World().given(a_purchase(CARD if "card" in way else None))
    world.omise.created_status = {
        "paid card": ChargeStatus.SUCCESSFUL,
        "declined card": ChargeStatus.FAILED,
    }.get(way, ChargeStatus.PENDING)
    saboteur = Saboteur(call_no, side)
    saboteur.watch(world.omise, OMISE, None)
    saboteur.watch(world.purchases, TABLE, TemporarilyUnavailableError)
    saboteur.watch(world.ledger, LEDGER, TemporarilyUnavailableError)

    ended = run(world, pays=way == "paid qr")

    expected = {"unpaid qr": "expired", "declined card": "failed"}.get(way, "completed")
    assert ended == expected
    assert world.purchase.status is PurchaseStatus(expected)
    assert world.ledger.balance == (550 if expected == "completed" else 0)
    assert len(world.omise.charges) == 1
    assert world.purchase.card is None


def test_the_sabotage_reaches_every_call() -> None:
    """The longest way has fewer calls than are sabotaged."""
    saboteur = Saboteur(16, "before")
    world = World().given(a_purchase())
    saboteur.watch(world.omise, OMISE, None)
    saboteur.watch(world.purchases, TABLE, TemporarilyUnavailableError)
    saboteur.watch(world.ledger, LEDGER, TemporarilyUnavailableError)
    run(world, pays=False)
    assert not saboteur.has_struck
