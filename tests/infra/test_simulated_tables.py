"""The tables of the simulator are those of the template."""

from __future__ import annotations

import pytest

from tests.infra.synthesis import synthesised
from tests.simulator.tables import schema


@pytest.mark.parametrize("service", ["Billing", "Workflows"])
def test_the_simulated_tables_are_the_deployed_ones(service: str) -> None:
    """Given the template's table, keys, index and billing mode are what the simulator makes."""
    template = synthesised("prod")
    table = template.resources("AWS::DynamoDB::Table")[template.table(service)]
    simulated = schema()
    definitions = {one["AttributeName"]: one for one in simulated.pop("AttributeDefinitions")}
    deployed = {one["AttributeName"]: one for one in table["AttributeDefinitions"]}
    assert deployed == definitions
    assert {name: table[name] for name in simulated} == simulated
