"""A forger who can write anything and seal it anew: every lie is called by its name.

The hash of a forged entry is right, so only what can be derived a second time tells.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from billing.adapters.ledger_items import from_item, to_item
from billing.domain import commands
from billing.domain.account import Account, Grant, GrantKind, Hold
from billing.domain.entry import Cause, Entry, EntryType, seal
from billing.domain.ledger import execute
from billing.domain.verification import findings_of
from tests.unit.billing.ledger.test_verification import ENTRIES, USER

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CAUSE = Cause("purchase", "pur_00000000000000000000", "cor-1", "a reason")
Lie = Callable[[Entry], Entry]


def first(kind: EntryType) -> int:
    """Find the first entry of a type."""
    return next(n for n, entry in enumerate(ENTRIES) if entry.type is kind)


def problems(index: int, lie: Lie) -> set[str]:
    """Forge one entry, seal it, and name what is found about it."""
    forged = seal(lie(ENTRIES[index]))
    found = findings_of(USER, [*ENTRIES[:index], forged])
    assert {finding.entry_no for finding in found} <= {forged.entry_no}
    return {finding.problem for finding in found}


def stating(**parts: object) -> Lie:
    """Make a lie about the account after an entry."""
    return lambda entry: replace(entry, after=replace(entry.after, **parts))  # type: ignore[arg-type]  # named by the test


def amount_off_by(difference: int) -> Lie:
    """Make a lie about an entry's amount."""
    return lambda entry: replace(entry, amount=entry.amount + difference)


def held_off_by(difference: int) -> Lie:
    """Make a lie about what is set aside."""

    def lie(entry: Entry) -> Entry:
        (hold,) = entry.after.holds
        part = replace(hold.parts[0], amount=hold.parts[0].amount + difference)
        holds = (Hold(hold.id, (part, *hold.parts[1:])),)
        return stating(holds=holds, held=sum(h.amount for h in holds))(entry)

    return lie


def balance_off_by(difference: int) -> Lie:
    """Make a lie about the balance, with a grant to match."""

    def lie(entry: Entry) -> Entry:
        one, *rest = entry.after.grants
        grants = (replace(one, remaining=one.remaining + difference), *rest)
        return stating(grants=grants, balance=entry.after.balance + difference)(entry)

    return lie


def grants_swapped(entry: Entry) -> Entry:
    """Move a credit from one open grant to another."""
    one, other, *rest = entry.after.grants
    moved = (
        replace(one, remaining=one.remaining - 1),
        replace(other, remaining=other.remaining + 1),
        *rest,
    )
    return stating(grants=moved)(entry)


def released_less(entry: Entry) -> Entry:
    """Release a credit less than the hold had."""
    part, *rest = entry.movements
    less = (replace(part, amount=part.amount - 1), *rest)
    grants = tuple(
        replace(g, remaining=g.remaining - 1) if g.entry_no == part.grant_no else g
        for g in entry.after.grants
    )
    lie = stating(grants=grants, balance=entry.after.balance - 1)(entry)
    return replace(lie, movements=less, amount=entry.amount - 1)


def another_kind(entry: Entry) -> Entry:
    """Say that the credits came from elsewhere."""
    grants = tuple(
        Grant(g.entry_no, GrantKind.REFUND, g.remaining, g.expires_at) for g in entry.after.grants
    )
    return stating(grants=grants)(entry)


@pytest.mark.parametrize(
    ("kind", "lie", "problem"),
    [
        (EntryType.SPEND, amount_off_by(1), "moves other than its amount"),
        (EntryType.SPEND, amount_off_by(-1), "moves other than its amount"),
        (EntryType.CAPTURE, amount_off_by(-1), "moves other than its amount"),
        (EntryType.SPEND, balance_off_by(1), "states a wrong balance"),
        (EntryType.SPEND, balance_off_by(-1), "states a wrong balance"),
        (EntryType.RESERVE, held_off_by(1), "states a wrong held amount"),
        (EntryType.RESERVE, held_off_by(-1), "states a wrong held amount"),
        (EntryType.CAPTURE, held_off_by(1), "states a wrong held amount"),
        (EntryType.RELEASE, released_less, "releases more or less than was held"),
        (EntryType.SPEND, stating(debt=1), "states a wrong debt"),
        (EntryType.DEBT_REPAID, stating(debt=1), "states a wrong debt"),
        (EntryType.SPEND, grants_swapped, "states wrong grants"),
        (EntryType.SPEND, another_kind, "changes a grant's kind or expiry"),
    ],
)
def test_l14_a_sealed_lie_is_called_by_its_name(kind: EntryType, lie: Lie, problem: str) -> None:
    """L14: in either direction, by a single credit."""
    assert problem in problems(first(kind), lie)


@pytest.mark.parametrize("digit", ["0", "f"])
def test_l13_an_entry_that_follows_another_one_is_found(digit: str) -> None:
    """L13: whether the hash that it names is lower or higher."""
    found = problems(3, lambda entry: replace(entry, prev_hash=digit * 64))
    assert found == {"does not follow the entry before"}


@pytest.mark.parametrize("number", [1, 3, 9])
def test_l13_an_entry_with_another_number_is_found(number: int) -> None:
    """L13: one that was used, and one that is to come."""
    found = findings_of(USER, [*ENTRIES[:3], seal(stating(entry_no=number)(ENTRIES[3]))])
    assert "is not the next number" in {finding.problem for finding in found}


def test_l13_the_owner_counts_and_not_the_text_that_names_him() -> None:
    """L13: another account's entries are found; entries as they are read from storage verify."""
    stored = [from_item(to_item(entry)) for entry in ENTRIES]
    assert findings_of(USER, stored) == []
    assert findings_of("".join(USER), ENTRIES) == []
    assert {f.problem for f in findings_of("usr_other", ENTRIES)} == {"belongs to another account"}


def test_l13_a_long_ledger_verifies() -> None:
    """L13: numbers go on beyond what fits into a byte."""
    account = Account(USER)
    entries: list[Entry] = []
    for _ in range(300):
        entries += execute(account, commands.GrantPromo(1, None, CAUSE), NOW)
        entries += execute(entries[-1].after, commands.Spend(1, CAUSE), NOW)
        account = entries[-1].after
    assert findings_of(USER, entries) == []


def test_l14_credits_from_elsewhere_do_not_widen_what_can_be_clawed_back() -> None:
    """L14: given 10 bought and 5 given, not more than 10 can be undone; nor another purchase's."""
    entries = [*execute(Account(USER), commands.CreditPurchase(10, 0, None, CAUSE), NOW)]
    entries += execute(entries[-1].after, commands.Adjust(5, CAUSE), NOW)
    other = replace(CAUSE, id="pur_other")
    for cause, credits in ((CAUSE, 11), (other, 1)):
        clawed = execute(entries[-1].after, commands.ClawBack(credits, (1,), cause), NOW)
        (found,) = findings_of(USER, [*entries, *clawed])
        assert (found.entry_no, found.problem) == (3, "takes back more than was bought")
