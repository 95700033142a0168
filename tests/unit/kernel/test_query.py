"""Query parameters: everything that is wrong with them is said at once."""

from __future__ import annotations

from enum import StrEnum

import pytest

from kernel.errors import ValidationFailedError
from kernel.query import Query


class Colour(StrEnum):
    """Something to choose from."""

    RED = "red"
    BLUE = "blue"


def findings(query: Query) -> list[tuple[str, str]]:
    """Return pointer and code of everything that is wrong."""
    with pytest.raises(ValidationFailedError) as refusal:
        query.verify()
    errors = refusal.value.members["errors"]
    assert isinstance(errors, list)
    return [(error["pointer"], error["code"]) for error in errors]


def read_all(query: Query) -> None:
    """Read one parameter of every kind."""
    query.integer("limit", low=1, high=100, default=20)
    query.flag("archived")
    query.choice("colour", Colour)
    query.time("from")
    query.identifier("run_id", "run")
    query.text("cursor")


def test_valid_parameters_are_read() -> None:
    """Each kind comes back as what it means."""
    query = Query({"limit": "7", "archived": "true", "colour": "red", "cursor": "c"})
    assert query.integer("limit", low=1, high=100, default=20) == 7
    assert query.flag("archived") is True
    assert query.choice("colour", Colour) is Colour.RED
    assert query.text("cursor") == "c"
    query.verify()


def test_absent_parameters_have_defaults() -> None:
    """Nothing is wrong with an empty query."""
    query = Query({})
    read_all(query)
    query.verify()
    assert query.integer("limit", low=1, high=100, default=20) == 20
    assert query.flag("archived") is False


def test_every_finding_is_reported_at_once() -> None:
    """A person repairs a request once, not parameter by parameter."""
    query = Query(
        {"limit": "0", "archived": "yes", "colour": "green", "from": "today", "run_id": "pur_1"}
    )
    read_all(query)
    assert findings(query) == [
        ("/limit", "out_of_range"),
        ("/archived", "bool_parsing"),
        ("/colour", "enum"),
        ("/from", "datetime"),
        ("/run_id", "id"),
    ]


def test_an_unknown_parameter_is_refused() -> None:
    """A misspelt filter would show more than was asked for."""
    query = Query({"stauts": "queued", "a/b~": "1"})
    read_all(query)
    assert findings(query) == [("/stauts", "unknown_parameter"), ("/a~1b~0", "unknown_parameter")]


def test_a_repeated_parameter_is_refused() -> None:
    """Which of the two values is meant, nobody can tell."""
    query = Query({"limit": "5"}, {"limit"})
    read_all(query)
    assert findings(query) == [("/limit", "repeated")]


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01",
        "2026-01-01T00:00:00",
        "2026-W01-1T00:00:00Z",
        "20260101T000000Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_a_time_that_is_none_is_refused(text: str) -> None:
    """RFC 3339 with an offset, and within the calendar once it is in UTC."""
    query = Query({"from": text})
    assert query.time("from") is None
    assert findings(query) == [("/from", "datetime")]
