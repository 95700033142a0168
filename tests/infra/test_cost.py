"""`make cost` reads the templates that are deployed."""

from __future__ import annotations

import pytest

from cost.fixed import monthly
from cost.prices import read_prices
from cost.stack import Stack
from cost.units import read_units
from cost.usage import Usage
from infra.settings import STAGES
from tests.infra.synthesis import synthesised

AWS_STAGES = [stage for stage in STAGES if stage != "local"]


def usage(stage: str) -> Usage:
    """Read a stage's template."""
    return Usage(Stack(stage, synthesised(stage).body["Resources"]), read_units())


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_every_line_has_a_price_and_every_price_a_line(stage: str) -> None:
    """Given any stage, nothing is estimated without a price, and production uses all of them."""
    found = usage(stage)
    lines = [*found.run(), *found.purchase(), *monthly(found)]
    used = {line.price for line in lines}
    assert used <= set(read_prices().prices)
    if stage == "prod":
        assert used == set(read_prices().prices)
    assert all(line.quantity >= 0 for line in lines)


def test_a_runs_way_is_the_sagas_own() -> None:
    """Given the run saga: the start, marking, two choices, the automation, marking, the end."""
    assert usage("prod").stack.states("WorkflowsRunSaga", "csv-summary") == 7


def test_a_purchases_way_is_the_sagas_own() -> None:
    """Given the purchase saga: the start, the charge, a choice, the wait, a choice, the end."""
    assert usage("prod").stack.states("BillingPurchaseSaga", "AwaitPayment1") == 6


def test_the_cheap_stage_is_cheap() -> None:
    """Given no network, firewall or keys of its own, a month of dev has none of these lines."""
    lines = {line.price: line.quantity for line in monthly(usage("dev")) if line.quantity}
    assert not set(lines) & {"nat_hour", "endpoint_hour", "firewall_month", "address_hour"}
    assert monthly(usage("prod"))[0].quantity == 730


def test_every_function_that_runs_by_itself_has_a_duration() -> None:
    """Given the schedules, what they start is among what is assumed."""
    assert {line.what for line in monthly(usage("prod")) if line.price == "lambda_request"} == {
        "BillingAudit",
        "BillingReconciliation",
        "BillingSweeper",
        "WorkflowsSweeper",
    }
