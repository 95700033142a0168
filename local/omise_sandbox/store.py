"""What the sandbox remembers, in one SQLite file.

The server is single-threaded and every operation runs between two awaits, so an operation's reads
and writes can't interleave with another's; the transaction is for the case that the process dies.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, Protocol, TypeVar

from pydantic import TypeAdapter

from local.omise_sandbox.errors import not_found

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS records (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS records_by_kind ON records (kind, created_at, position);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_LATEST: Final = 2**62


class Record(Protocol):
    """Anything with an Omise identifier and a time of creation in epoch seconds."""

    @property
    def id(self) -> str:
        """The identifier."""

    @property
    def created_at(self) -> int:
        """The time of creation, in epoch seconds."""


R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which part of a list is asked for; times are epoch seconds, both ends included."""

    since: int = 0
    until: int = _LATEST
    limit: int = 20
    offset: int = 0
    newest_first: bool = False


@dataclass(frozen=True, slots=True)
class AtMost:
    """A field's condition: not more than this."""

    value: int


Condition = str | AtMost


class Store:
    """The SQLite file.

    Parameters
    ----------
    path
        Where the file is, or is to be made; ``:memory:`` keeps nothing.
    """

    def __init__(self, path: Path | str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make all that is written inside permanent together, or nothing of it."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def put(self, kind: str, record: Record, body: str) -> None:
        """Add a record, or replace the one with the same id."""
        self._connection.execute(
            "INSERT INTO records (id, kind, created_at, body) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            (record.id, kind, record.created_at, body),
        )

    def get(self, kind: str, identifier: str) -> str | None:
        """Return a record's body, or none."""
        row: tuple[str] | None = self._connection.execute(
            "SELECT body FROM records WHERE kind = ? AND id = ?", (kind, identifier)
        ).fetchone()
        return row[0] if row else None

    def select(
        self, kind: str, window: Window, fields: Mapping[str, Condition]
    ) -> tuple[list[str], int]:
        """Return the bodies in a window and how many match without its limit.

        Parameters
        ----------
        kind
            The kind of record.
        window
            The part that is wanted.
        fields
            What fields of the record must be.
        """
        condition = "kind = ? AND created_at BETWEEN ? AND ?"
        values: list[object] = [kind, window.since, window.until]
        for name, value in fields.items():
            bound = isinstance(value, AtMost)
            condition += f" AND json_extract(body, ?) {'<=' if bound else '='} ?"
            values += [f"$.{name}", value.value if isinstance(value, AtMost) else value]
        direction = "DESC" if window.newest_first else "ASC"
        rows = self._connection.execute(
            f"SELECT body FROM records WHERE {condition}"  # noqa: S608 - only placeholders inside
            f" ORDER BY created_at {direction}, position {direction} LIMIT ? OFFSET ?",
            [*values, window.limit, window.offset],
        ).fetchall()
        total: tuple[int] = self._connection.execute(
            f"SELECT count(*) FROM records WHERE {condition}",  # noqa: S608 - as above
            values,
        ).fetchone()
        return [row[0] for row in rows], total[0]

    def setting(self, name: str, default: str) -> str:
        """Return a setting's value."""
        row: tuple[str] | None = self._connection.execute(
            "SELECT value FROM settings WHERE name = ?", (name,)
        ).fetchone()
        return row[0] if row else default

    def change_setting(self, name: str, value: str) -> None:
        """Set a setting."""
        self._connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))

    def wipe(self) -> None:
        """Forget everything, the settings included."""
        with self.transaction():
            self._connection.execute("DELETE FROM records")
            self._connection.execute("DELETE FROM settings")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


class Collection(Generic[R]):
    """The records of one kind, typed.

    Parameters
    ----------
    store
        Where they are kept.
    kind
        Omise's name of the object, as in its error messages.
    record_type
        The dataclass of the records.
    """

    def __init__(self, store: Store, kind: str, record_type: type[R]) -> None:
        self._store = store
        self._kind = kind
        self._adapter: TypeAdapter[R] = TypeAdapter(record_type)

    def put(self, record: R) -> None:
        """Add or replace a record."""
        self._store.put(self._kind, record, self._adapter.dump_json(record).decode())

    def get(self, identifier: str) -> R:
        """Return a record.

        Raises
        ------
        OmiseError
            ``not_found``: there is none with this id.
        """
        body = self._store.get(self._kind, identifier)
        if body is None:
            raise not_found(self._kind, identifier)
        return self._adapter.validate_json(body)

    def select(self, window: Window, **fields: Condition) -> tuple[list[R], int]:
        """Return the records of a window whose fields are like this, and their total."""
        bodies, total = self._store.select(self._kind, window, fields)
        return [self._adapter.validate_json(body) for body in bodies], total
