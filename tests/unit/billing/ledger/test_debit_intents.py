"""Debit intents: which of them one transaction carries out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from billing.domain.account import Account
from billing.domain.commands import GrantPromo
from billing.domain.debit_intents import MAX_ITEMS, DebitIntent, group_of
from billing.domain.entry import Cause, Entry, EntryType
from billing.domain.ledger import execute

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
USER: Final = "usr_00000000000000000000"


def an_account(credits: int, expires_at: datetime | None = None) -> Account:
    """Make an account with one grant."""
    command = GrantPromo(credits, expires_at, Cause("promo", "prm_1", "cor-1"))
    return execute(Account(USER), command, NOW)[-1].after


def intents(count: int, credits: int = 10) -> list[DebitIntent]:
    """Make intents for runs of their own, one after another."""
    return [
        DebitIntent(
            USER,
            f"{number:04}",
            credits,
            Cause("run", f"run_{number}", f"cor-{number}"),
            NOW,
            NOW + timedelta(seconds=5),
            {},
        )
        for number in range(count)
    ]


def of_type(entries: list[Entry], kind: EntryType) -> list[Entry]:
    """Return the entries of one type."""
    return [entry for entry in entries if entry.type is kind]


def test_l13_every_debit_has_an_entry_of_its_own() -> None:
    """L13: given three intents, there are three entries, each with its run and what was left."""
    group = group_of(an_account(100), intents(3), NOW)
    assert [(e.entry_no, e.after.balance, e.cause.id) for e in group.entries] == [
        (2, 90, "run_0"),
        (3, 80, "run_1"),
        (4, 70, "run_2"),
    ]


def test_l03_what_is_not_covered_does_not_keep_back_what_is() -> None:
    """L03: given a debit too dear for the account, the next one is paid for all the same."""
    dear, cheap = replace(intents(1)[0], credits=101), intents(2)[1]
    group = group_of(an_account(100), [dear, cheap], NOW)
    assert (group.uncovered, group.paid) == ([dear], [cheap])


def test_l05_two_intents_for_one_run_are_one_debit() -> None:
    """L05: given a request that was repeated, both intents go, and one entry is made."""
    first, other = intents(2)
    again = replace(other, cause=replace(first.cause, correlation_id="cor-again"))
    group = group_of(an_account(100), [first, again], NOW)
    assert len(group.entries) == 1
    assert group.paid == [first, again]


def test_nobody_carries_out_what_was_given_up() -> None:
    """Given an intent after its time, it is left alone."""
    late = NOW + timedelta(seconds=6)
    group = group_of(an_account(100), intents(1), late)
    assert (group.entries, group.paid, group.uncovered) == ([], [], [])


def test_a_transaction_has_room_for_33_debits() -> None:
    """Given more, the 34th waits: each takes its entry, its run and its removal."""
    group = group_of(an_account(10_000), intents(50), NOW)
    assert (len(group.debits), group.item_count) == (33, 99)


def test_removals_of_what_is_not_covered_count_too() -> None:
    """Given a hundred and more debits that nobody can pay for, a transaction takes 100 away."""
    group = group_of(Account(USER), intents(MAX_ITEMS + 5), NOW)
    assert (group.item_count, len(group.uncovered)) == (MAX_ITEMS, MAX_ITEMS)


def test_an_account_of_very_many_grants_has_smaller_groups() -> None:
    """Given entries of some 70 KB, no group comes near the 4 MB of a transaction."""
    account = an_account(1)
    grant = account.grants[0]
    many = tuple(replace(grant, entry_no=number) for number in range(1, 3_001))
    account = replace(account, entry_no=3_000, balance=3_000, grants=many)
    group = group_of(account, intents(33, credits=1), NOW)
    assert 1 < len(group.debits) < 33


def test_l12_what_expired_before_a_debit_is_written_off_before_it() -> None:
    """L12: given credits whose time is over between two debits, the second cannot have them."""
    expiry = NOW + timedelta(seconds=1)
    early, late = intents(2)
    late = replace(late, asked_at=expiry)
    group = group_of(an_account(100, expiry), [early, late], NOW)
    assert [e.type for e in group.entries] == [EntryType.SPEND]
    assert group.uncovered == [late]
    assert of_type(group.entries, EntryType.EXPIRE) == []
