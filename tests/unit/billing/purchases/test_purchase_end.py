"""Every end of a purchase is counted once, by its outcome."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from billing.adapters.omise_errors import OmiseRefusalError
from billing.domain.charge import ChargeStatus
from tests.unit.billing.purchases.world import CARD, NOW, PURCHASE, World, a_charge, a_purchase

LATER = NOW + timedelta(days=2)
WRONG = a_charge(ChargeStatus.SUCCESSFUL, amount=2_000)


def paid(world: World) -> None:
    """The payment arrives."""
    world.given_charged()
    world.omise.pays()
    world.awaiting.reconcile(PURCHASE, NOW)


def declined(world: World) -> None:
    """The bank says no."""
    world.given_charged()
    world.omise.becomes("chrg_test_1", ChargeStatus.FAILED)
    world.awaiting.reconcile(PURCHASE, NOW)


def unpaid(world: World) -> None:
    """Nobody pays in time."""
    world.given_charged()
    world.awaiting.reconcile(PURCHASE, LATER)


def refused(world: World) -> None:
    """Omise makes no charge."""
    world.given(a_purchase(CARD))
    world.omise.before.append(OmiseRefusalError(400, "invalid_card", "no"))
    world.charging.create_charge(PURCHASE, NOW)


def stuck(world: World) -> None:
    """The saga cannot go on before there is a charge."""
    world.given(a_purchase())
    world.compensation.compensate(PURCHASE, None, NOW)


def withdrawn(world: World) -> None:
    """What was paid is not what was asked for, and is given back."""
    world.given_charged(CARD)
    world.omise.charges["chrg_test_1"] = WRONG
    world.compensation.compensate(PURCHASE, None, NOW)


@pytest.mark.parametrize(
    ("ended", "outcome"),
    [
        (paid, "completed"),
        (declined, "failed"),
        (unpaid, "expired"),
        (refused, "failed"),
        (stuck, "failed"),
        (withdrawn, "failed"),
    ],
)
def test_an_end_is_counted_once_by_its_outcome(
    world: World,
    capsys: pytest.CaptureFixture[str],
    ended: Callable[[World], None],
    outcome: str,
) -> None:
    """However often the saga looks again."""
    ended(world)
    world.awaiting.reconcile(PURCHASE, LATER)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    assert [line["outcome"] for line in lines if "PurchasesEnded" in line] == [outcome]
