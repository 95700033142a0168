"""The walk through the index by user: everything of a span of time, part by part."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kernel import dynamodb
from kernel.clock import rfc3339
from kernel.errors import TemporarilyUnavailableError
from kernel.sagas.index_walk import IndexWalk

NOW = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)


def put(table: str, kind: str, number: int, created_at: datetime) -> str:
    """Store an item that is in its user's list."""
    item_id = f"{kind.lower()}_{number}"
    item = {
        "pk": f"{kind}#{item_id}",
        "sk": kind,
        "list_key": f"{kind}S#usr_{number % 3}",
        "listed_at": f"{rfc3339(created_at)}#{item_id}",
        "text": "x" * 1000,
    }
    dynamodb.client().put_item(TableName=table, Item=dynamodb.marshal(item))
    return item_id


def walked(walk: IndexWalk, since: datetime, until: datetime) -> list[str]:
    """Walk to the end."""
    found: list[str] = []
    position: str | None = None
    for _ in range(1_000):
        part = walk.part(position, since, until)
        found += part.ids
        position = part.position
        if position is None:
            return found
    raise AssertionError("the walk has no end")


def test_a_walk_finds_all_users_items_of_a_span(table: str) -> None:
    """Given items of other kinds and other times, only those asked for are named, each once."""
    wanted = {put(table, "RUN", n, NOW - timedelta(minutes=n)) for n in range(1, 60)}
    put(table, "RUN", 100, NOW + timedelta(seconds=1))
    put(table, "RUN", 101, NOW - timedelta(days=8))
    put(table, "WORKFLOW", 102, NOW)

    found = walked(IndexWalk(table, "RUNS#"), NOW - timedelta(days=7), NOW)

    assert sorted(found) == sorted(wanted)


def test_a_walk_goes_on_where_the_part_before_ended(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given pages of seven keys and parts of one page, every item is named once."""
    wanted = [put(table, "RUN", n, NOW) for n in range(50)]
    client = dynamodb.client()
    scan = client.scan
    monkeypatch.setattr(client, "scan", lambda **request: scan(**request, Limit=7))

    found = walked(IndexWalk(table, "RUNS#", max_pages=1), NOW, NOW + timedelta(seconds=1))

    assert sorted(found) == sorted(wanted)


def test_an_index_that_cannot_be_read_is_temporary(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a table that does not answer, the part may be asked for again."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")
    dynamodb.client.cache_clear()
    with pytest.raises(TemporarilyUnavailableError):
        IndexWalk("Things", "RUNS#").part(None, NOW, NOW)
