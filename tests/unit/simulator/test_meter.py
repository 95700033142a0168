"""The simulator's meter, where it has to count by itself."""

from __future__ import annotations

import pytest

from tests.simulator.meter import Meter
from tests.simulator.wire import Call

SMALL = {"pk": {"S": "A"}, "sk": {"S": "1"}}
LARGE = {"pk": {"S": "A"}, "sk": {"S": "2"}, "text": {"S": "x" * 5_000}}


@pytest.mark.parametrize(("consistent", "units"), [(True, 4.0), (False, 2.0)])
def test_a_batch_of_reads_costs_by_item_and_half_if_eventual(
    consistent: bool,  # noqa: FBT001  # the example
    units: float,
) -> None:
    """Given a small item, one over 4 KB and one that is missing: 1, 2 and 1 units, or half."""
    asked = {"Table": {"Keys": [{}, {}, {}], "ConsistentRead": consistent}}
    answer = {"Responses": {"Table": [SMALL, LARGE]}}
    meter = Meter()
    meter(Call("dynamodb", "BatchGetItem", {"RequestItems": asked}, lambda: answer))
    assert meter.read_units == units
