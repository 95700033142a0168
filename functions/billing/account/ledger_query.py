"""Lists a user's ledger: filtered, newest first, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from billing.domain.entry import Entry, EntryType
from kernel.clock import parse_rfc3339
from kernel.errors import ValidationFailedError
from kernel.pagination import MAX_LIMIT, Page

_MAX_READS: Final = 10


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
    def of_query(cls, query: Mapping[str, str]) -> LedgerFilter:
        """Read `type`, `from` and `to` of a request.

        Raises
        ------
        ValidationFailedError
            Naming every parameter that is not valid.
        """
        findings: list[dict[str, str]] = []
        kind = query.get("type")
        if kind is not None and kind not in set(EntryType):
            findings.append(_finding("type", "enum", f"must be one of {', '.join(EntryType)}"))
        times = {name: _time(query, name, findings) for name in ("from", "to")}
        if findings:
            raise ValidationFailedError(findings)
        return cls(EntryType(kind) if kind is not None else None, times["from"], times["to"])

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
    """
    batch_size = page.limit if wanted == LedgerFilter() else MAX_LIMIT
    before = int(page.after["before"]) if page.after else None
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


def _below(entry_no: int | None) -> int | None:
    """Tell where the next page starts: entry numbers are gapless, so 1 is the last."""
    return entry_no if entry_no and entry_no > 1 else None


def _time(query: Mapping[str, str], name: str, findings: list[dict[str, str]]) -> datetime | None:
    text = query.get(name)
    if text is None:
        return None
    try:
        return parse_rfc3339(text)
    except ValueError:
        findings.append(_finding(name, "datetime", "must be an RFC 3339 time with an offset"))
        return None


def _finding(name: str, code: str, message: str) -> dict[str, str]:
    return {"pointer": f"/{name}", "code": code, "message": message}
