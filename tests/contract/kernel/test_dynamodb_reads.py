"""Reads by keys, on DynamoDB's answers: what it leaves over is asked for again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from kernel import dynamodb, dynamodb_reads
from kernel.dynamodb_reads import MAX_ATTEMPTS, get_item, get_items
from kernel.errors import TemporarilyUnavailableError

Answer = dict[str, Any]
TABLE = "Things"


class Table:
    """DynamoDB with a table of three hundred things, and with a limit to what it answers at once.

    Parameters
    ----------
    at_once
        How many keys of a call are processed.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self.calls: list[int] = []

    def get_item(self, **request: Any) -> Answer:  # noqa: ANN401  # as the client has it
        """Answer a single key."""
        assert request["ConsistentRead"]
        return {"Item": request["Key"]} if int(request["Key"]["no"]["N"]) < 300 else {}

    def batch_get_item(self, RequestItems: Mapping[str, Any]) -> Answer:  # noqa: N803  # its name
        """Answer some of the keys."""
        assert RequestItems[TABLE]["ConsistentRead"]
        keys = RequestItems[TABLE]["Keys"]
        self.calls.append(len(keys))
        left = keys[self._at_once :]
        unprocessed = {TABLE: {"Keys": left, "ConsistentRead": True}} if left else {}
        there = [key for key in keys[: self._at_once] if int(key["no"]["N"]) < 300]
        return {"Responses": {TABLE: there}, "UnprocessedKeys": unprocessed}


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Table]:
    """Return what puts a table in DynamoDB's place."""

    def served(at_once: int) -> Table:
        table = Table(at_once)
        monkeypatch.setattr(dynamodb_reads, "client", lambda: table)
        return table

    return served


def keys(numbers: Sequence[int]) -> list[Answer]:
    """Make marshalled keys."""
    return [dynamodb.marshal({"no": number}) for number in numbers]


def test_one_item_is_there_or_not(serve: Callable[[int], Table]) -> None:
    """And comes unmarshalled."""
    serve(1)
    assert get_item(TABLE, keys([7])[0]) == {"no": 7}
    assert get_item(TABLE, keys([300])[0]) is None


def test_what_is_left_over_is_asked_for_again_after_a_pause(serve: Callable[[int], Table]) -> None:
    """Nothing is lost, nothing comes twice."""
    table, waits = serve(2), list[float]()
    found = get_items(TABLE, keys([1, 2, 3, 4, 5]), waits.append)
    assert [item["no"] for item in found] == [1, 2, 3, 4, 5]
    assert table.calls == [5, 3, 1]
    assert len(waits) == 2


def test_a_hundred_keys_are_one_call(serve: Callable[[int], Table]) -> None:
    """As many as DynamoDB takes; what is not there is left out."""
    table = serve(100)
    assert len(get_items(TABLE, keys(range(150, 350)))) == 150
    assert table.calls == [100, 100]
    assert get_items(TABLE, []) == []
    assert len(table.calls) == 2


def test_what_stays_left_over_ends(serve: Callable[[int], Table]) -> None:
    """A read with gaps is none."""
    table = serve(0)
    with pytest.raises(TemporarilyUnavailableError):
        get_items(TABLE, keys([1]), lambda _: None)
    assert table.calls == [1] * MAX_ATTEMPTS
