"""Lists a user's ledger: filtered, newest first, page by page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from billing.domain.entry import Entry, EntryType
from kernel.pagination import MAX_LIMIT, InvalidCursorError, Page
from kernel.query import Query

_MAX_READS: Final = 10
_ENTRY_NO: Final = re.compile(r"[1-9][0-9]{0,11}")


class Entries(Protocol):
    """Where entries are read from."""

    def entries(self, user_id: str, *, before: int | None, limit: int) -> list[Entry]:
        """Read up to `limit` entries below the number `before`, newest first."""
        ...


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """Which entries are asked for; `since` is inclusive, `until` exclusive."""

    type: EntryType | None = None
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def of_query(cls, query: Query) -> LedgerFilter:
        """Read `type`, `from` and `to` of a request; whoever calls verifies the query."""
        return cls(query.choice("type", EntryType), query.time("from"), query.time("to"))

    def matches(self, entry: Entry) -> bool:
        """Tell whether an entry is asked for."""
        return (
            (self.type is None or entry.type is self.type)
            and (self.since is None or entry.created_at >= self.since)
            and (self.until is None or entry.created_at < self.until)
        )


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Entries, and the number below which the next page starts, None at the end."""

    entries: tuple[Entry, ...]
    next_before: int | None


def list_entries(store: Entries, user_id: str, wanted: LedgerFilter, page: Page) -> EntryPage:
    """List the entries that match.

    At most 1,000 entries are looked at for one page. Where few of them match, a page holds fewer
    than `limit`, or none, and still names the next one.

    Raises
    ------
    InvalidCursorError
        If the page's position is none of this list.
    """
    batch_size = page.limit if wanted == LedgerFilter() else MAX_LIMIT
    before = _position(page)
    found: list[Entry] = []
    for _ in range(_MAX_READS):
        batch = store.entries(user_id, before=before, limit=batch_size)
        for entry in batch:
            before = entry.entry_no
            if wanted.matches(entry):
                found.append(entry)
            if len(found) == page.limit:
                return EntryPage(tuple(found), _below(before))
        if len(batch) < batch_size:
            return EntryPage(tuple(found), None)
    return EntryPage(tuple(found), _below(before))


def _position(page: Page) -> int | None:
    if page.after is None:
        return None
    before = page.after.get("before", "")
    if not _ENTRY_NO.fullmatch(before):
        raise InvalidCursorError("The cursor was not issued by this list.")
    return int(before)


def _below(entry_no: int | None) -> int | None:
    """Tell where the next page starts: entry numbers are gapless, so 1 is the last."""
    return entry_no if entry_no and entry_no > 1 else None
