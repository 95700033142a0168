"""The store: what is written together is kept together."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.omise_sandbox.errors import OmiseError
from local.omise_sandbox.store import AtMost, Collection, Store, Window


@dataclass(frozen=True)
class Note:
    """A record to store."""

    id: str
    created_at: int
    rank: int


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return an empty store."""
    with closing(Store(tmp_path / "state.sqlite")) as empty:
        yield empty


@pytest.fixture
def notes(store: Store) -> Collection[Note]:
    """Return an empty collection."""
    return Collection(store, "note", Note)


def test_a_failed_transaction_leaves_nothing(store: Store, notes: Collection[Note]) -> None:
    """Given an error inside a transaction, inner ones included, then none of it is kept."""

    def write_and_fail() -> None:
        with store.transaction():
            notes.put(Note("a", 1, 1))
            with store.transaction():
                notes.put(Note("b", 1, 1))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    assert notes.select(Window()) == ([], 0)


def test_putting_again_replaces_and_keeps_the_place(notes: Collection[Note]) -> None:
    """Given a record put twice, then it is the new one in the old one's place."""
    notes.put(Note("a", 1, 1))
    notes.put(Note("b", 1, 1))
    notes.put(Note("a", 1, 2))

    assert notes.select(Window()) == ([Note("a", 1, 2), Note("b", 1, 1)], 2)


def test_fields_select_by_value_and_by_bound(notes: Collection[Note]) -> None:
    """Given conditions on fields, then the records that meet them all are found and counted."""
    for number in range(5):
        notes.put(Note(f"n{number}", number, number))

    assert notes.select(Window(limit=1), rank=AtMost(2)) == ([Note("n0", 0, 0)], 3)
    assert notes.select(Window(), id="n3", rank=AtMost(2)) == ([], 0)


def test_a_record_of_another_kind_is_not_found(store: Store, notes: Collection[Note]) -> None:
    """Given the id of another kind of record, then it is not found, by Omise's wording."""
    notes.put(Note("a", 1, 1))

    with pytest.raises(OmiseError, match="letter a was not found"):
        Collection(store, "letter", Note).get("a")
