"""What measures hot accounts: virtual time, conflicts, units, and the plot."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from benchmarks.hot_accounts.chart import Panel, Row, svg
from benchmarks.hot_accounts.published import Published
from benchmarks.hot_accounts.units import Units
from benchmarks.hot_accounts.virtual_time import VirtualTime
from kernel.aws.json_api import AwsRefusedError
from tests.simulator.wire import Call, undisturbed

SVG = "{http://www.w3.org/2000/svg}"


def put(number: str, size: int = 0) -> dict[str, Any]:
    """Make the put of an item."""
    return {
        "TableName": "T",
        "Item": {"pk": {"S": "p"}, "sk": {"S": number}, "x": {"S": "x" * size}},
    }


def transaction(*writes: dict[str, Any], answer: Any = None) -> Call:  # noqa: ANN401  # any answer
    """Make a transaction that nobody has to carry out."""
    request = {"TransactItems": list(writes)}
    return Call("dynamodb", "TransactWriteItems", request, lambda: answer)


def test_time_passes_for_whoever_waits_the_shortest_first() -> None:
    """Given two clients who wait, they act in the order of their times, and nobody really waits."""
    clock = VirtualTime()
    seen: list[tuple[str, float]] = []

    def client(name: str, seconds: float) -> None:
        for _ in range(2):
            clock.wait(seconds)
            seen.append((name, clock.seconds))

    clock.run([lambda: client("slow", 300.0), lambda: client("fast", 200.0)])
    assert seen == [("fast", 200.0), ("slow", 300.0), ("fast", 400.0), ("slow", 600.0)]


def test_an_error_of_a_client_is_raised() -> None:
    """Given a client who fails, the measurement does."""

    def fail() -> None:
        raise KeyError

    with pytest.raises(KeyError):
        VirtualTime().run([fail])


def test_of_two_transactions_on_one_item_at_once_one_is_in_conflict() -> None:
    """Given the same item, the second is cancelled and the first goes through; another one, too."""
    clock = VirtualTime()
    published = Published(clock, 1)
    outcomes: list[str] = []

    def client(number: str) -> None:
        try:
            published(transaction({"Put": put(number)}))
        except AwsRefusedError as error:
            outcomes.append(error.code)
        else:
            outcomes.append("done")

    clock.run([lambda n=n: client(n) for n in ("1", "1", "2")])  # type: ignore[misc]  # a default
    assert sorted(outcomes) == ["TransactionCanceledException", "done", "done"]


def test_a_refused_transaction_is_paid_for() -> None:
    """Given a transaction that fails, its items count two units per KB, a removal its item's."""

    def refuse(_call: Call) -> None:
        raise ConnectionError

    units = Units(undisturbed)
    units(Call("dynamodb", "PutItem", put("1", 1_500), dict))
    assert units.write == 2
    units._behaviour = refuse
    key = {"pk": {"S": "p"}, "sk": {"S": "1"}}
    removal = {"Delete": {"TableName": "T", "Key": key}}
    with pytest.raises(ConnectionError):
        units(transaction(removal, {"Put": put("2")}))
    assert units.write == 2 + 2 * (2 + 1)


@pytest.mark.parametrize(
    ("operation", "answer", "expected"),
    [
        ("Query", {"Items": []}, 1),
        ("Query", {"Items": [put("1", 3_000)["Item"], put("2", 3_000)["Item"]]}, 2),
        ("GetItem", {}, 1),
        ("BatchGetItem", {"Responses": {"T": [put("1", 5_000)["Item"]]}}, 3),
    ],
)
def test_reads_cost_by_size_and_missing_items_too(
    operation: str, answer: dict[str, Any], expected: int
) -> None:
    """Given a consistent read, it is a unit per 4 KB, of a query in all, of a batch each."""
    units = Units(undisturbed)
    request: dict[str, Any] = {"RequestItems": {"T": {"Keys": [{}, {}]}}}
    units(Call("dynamodb", operation, request, lambda: answer))
    assert units.read == expected


def test_the_plot_has_every_value_and_is_the_same_every_time() -> None:
    """Given two rows of one chart with two series, each value is a point with its number."""
    panel = Panel("per second", {"a & b": [1.0, 2.0], "c": [0.0, 40.0]})
    drawn = svg([Row("first", [panel]), Row("second", [panel])], (1, 10), "clients")
    root = ET.fromstring(drawn)  # noqa: S314  # our own
    points = [title.text for title in root.iter(f"{SVG}title")]
    assert points == ["1", "2", "0", "40"] * 2
    assert "a & b" in [text.text for text in root.iter(f"{SVG}text")]
    assert drawn == svg([Row("first", [panel]), Row("second", [panel])], (1, 10), "clients")
