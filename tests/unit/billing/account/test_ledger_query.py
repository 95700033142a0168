"""Listing a ledger: filters, pages, and where the next page starts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.account.ledger_query import LedgerFilter, list_entries
from billing.domain.account import Account, grant_id
from billing.domain.commands import CreditPurchase, GrantPromo, Spend
from billing.domain.entry import Cause, Entry, EntryType
from billing.domain.ledger import execute
from billing.representation import account_document, entry_document
from kernel.clock import rfc3339
from kernel.errors import ValidationFailedError
from kernel.pagination import InvalidCursorError, Page, page_of
from kernel.query import Query

START = datetime(2026, 1, 1, tzinfo=UTC)
USER = "usr_00000000000000000000"
CAUSE = Cause("purchase", "pur_00000000000000000000", "cor-1")


def entries_of(count: int) -> list[Entry]:
    """Make a ledger, one entry an hour: a gift, then spends."""
    made: list[Entry] = []
    for number in range(count):
        account = made[-1].after if made else Account(USER)
        command = Spend(1, CAUSE) if number else GrantPromo(5000, None, CAUSE)
        made += execute(account, command, START + timedelta(hours=number))
    return made


class InMemory:
    """Entries in a list, read as from the table."""

    def __init__(self, entries: list[Entry]) -> None:
        self.stored = entries
        self.reads = 0

    def entries(self, _user_id: str, *, before: int | None, limit: int) -> list[Entry]:
        """Read entries, newest first."""
        self.reads += 1
        below = [e for e in self.stored if before is None or e.entry_no < before]
        return list(reversed(below))[:limit]


LEDGER = entries_of(230)


@given(
    limit=st.integers(1, 100),
    kind=st.sampled_from([None, EntryType.SPEND, EntryType.PROMO, EntryType.EXPIRE]),
    hours=st.tuples(st.integers(0, 240), st.integers(0, 240)),
)
def test_pages_together_are_the_whole_list(
    limit: int, kind: EntryType | None, hours: tuple[int, int]
) -> None:
    """Whatever the filter and the page size: nothing is missing, nothing comes twice."""
    wanted = LedgerFilter(kind, *(START + timedelta(hours=h) for h in hours))
    seen: list[int] = []
    after: dict[str, str] | None = None
    for _ in range(300):
        page = list_entries(InMemory(LEDGER), USER, wanted, Page(limit, after))
        assert len(page.entries) <= limit
        seen += [entry.entry_no for entry in page.entries]
        if page.next_before is None:
            break
        after = {"before": str(page.next_before)}
    assert seen == [e.entry_no for e in reversed(LEDGER) if wanted.matches(e)]


def test_one_page_looks_at_a_bounded_number_of_entries() -> None:
    """A filter that matches nothing ends after 1,000 entries and names where to go on."""
    store = InMemory(entries_of(1200))
    page = list_entries(store, USER, LedgerFilter(EntryType.EXPIRE), Page(20, None))
    assert (page.entries, page.next_before, store.reads) == ((), 201, 10)


def test_without_a_filter_no_more_is_read_than_is_shown() -> None:
    """A plain list costs one read of its own size."""
    store = InMemory(LEDGER)
    page = list_entries(store, USER, LedgerFilter(), Page(20, None))
    assert (len(page.entries), store.reads) == (20, 1)


@pytest.mark.parametrize("before", ["", "0", "-1", "x", "1e3", "9" * 13, "\u0663"])
def test_a_position_that_no_cursor_has_is_refused(before: str) -> None:
    """400: whoever makes a cursor up gets no error of ours, and no other page."""
    with pytest.raises(InvalidCursorError):
        list_entries(InMemory(LEDGER), USER, LedgerFilter(), Page(20, {"before": before}))


def test_from_is_inclusive_and_to_exclusive() -> None:
    """Neighbouring periods neither overlap nor leave a gap."""
    moment = rfc3339(START + timedelta(hours=1))
    since = LedgerFilter.of_query(Query({"from": moment}))
    until = LedgerFilter.of_query(Query({"to": moment}))
    for entry in LEDGER:
        assert since.matches(entry) != until.matches(entry)


def test_every_bad_parameter_is_named_at_once() -> None:
    """422 with a pointer for each."""
    given = {"type": "loan", "from": "yesterday", "to": "2026-01-01T00:00:00", "limit": "0"}
    query = Query(given)
    LedgerFilter.of_query(query)
    with pytest.raises(ValidationFailedError) as refusal:
        page_of(query, "scope")
    errors = refusal.value.members["errors"]
    assert isinstance(errors, list)
    assert [error["pointer"] for error in errors] == ["/type", "/from", "/to", "/limit"]


def test_an_account_shows_what_can_be_spent_now() -> None:
    """Expired credits are not shown, whether or not anything wrote them off."""
    first = execute(Account(USER), CreditPurchase(100, 10, START + timedelta(days=1), CAUSE), START)
    last = execute(first[-1].after, GrantPromo(5, None, CAUSE), START)[-1]
    origins = {entry.entry_no: entry for entry in (*first, last)}
    view = account_document(last.after, origins, START + timedelta(days=2))
    assert view == {
        "balance": 5,
        "held": 0,
        "debt": 0,
        "grants": [
            {
                "id": grant_id(USER, 3),
                "kind": "promo",
                "remaining": 5,
                "granted": 5,
                "expires_at": None,
                "source": CAUSE.id,
            }
        ],
        "as_of_entry": 3,
    }


def test_l14_an_entry_shows_which_grants_paid() -> None:
    """L14: a spend over two grants names both."""
    purchase = execute(Account(USER), CreditPurchase(100, 10, None, CAUSE), START)[-1]
    (spend,) = execute(purchase.after, Spend(30, CAUSE), START)
    assert entry_document(spend)["grants"] == [
        {"grant_id": grant_id(USER, 2), "amount": -10},
        {"grant_id": grant_id(USER, 1), "amount": -20},
    ]
