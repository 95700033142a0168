"""A forger who can write anything and seal it anew: every lie is called by its name.

The hash of a forged entry is right, so only what can be derived a second time tells.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from billing.adapters.ledger_items import from_item, to_item
from billing.domain import commands
from billing.domain.account import Account, Grant, GrantKind, Hold, Movement
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


def released_off_by(difference: int) -> Lie:
    """Release a little more or less than the hold had."""

    def lie(entry: Entry) -> Entry:
        part, *rest = entry.movements
        other = (replace(part, amount=part.amount + difference), *rest)
        stated = balance_off_by(difference)(entry)
        return replace(stated, movements=other, amount=entry.amount + difference)

    return lie


def another_kind(kind: GrantKind) -> Lie:
    """Say that the credits came from elsewhere."""

    def lie(entry: Entry) -> Entry:
        grants = (Grant(g.entry_no, kind, g.remaining, g.expires_at) for g in entry.after.grants)
        return stating(grants=tuple(grants))(entry)

    return lie


def with_movement(grant_no: int, amount: int) -> Lie:
    """Move something else, too."""

    def lie(entry: Entry) -> Entry:
        more = Movement(grant_no, GrantKind.PAID, None, amount)
        return replace(entry, movements=(*entry.movements, more))

    return lie


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
        (EntryType.RELEASE, released_off_by(-1), "releases more or less than was held"),
        (EntryType.RELEASE, released_off_by(1), "releases more or less than was held"),
        (EntryType.SPEND, stating(debt=1), "states a wrong debt"),
        (EntryType.DEBT_REPAID, stating(debt=1), "states a wrong debt"),
        (EntryType.SPEND, grants_swapped, "states wrong grants"),
        (EntryType.SPEND, another_kind(GrantKind.REFUND), "changes a grant's kind or expiry"),
        (EntryType.SPEND, another_kind(GrantKind.BONUS), "changes a grant's kind or expiry"),
        (EntryType.SPEND, with_movement(999, -1), "overdraws a grant"),
        (EntryType.PURCHASE, with_movement(999, 0), "moves credits the wrong way"),
    ],
)
def test_l14_a_sealed_lie_is_called_by_its_name(kind: EntryType, lie: Lie, problem: str) -> None:
    """L14: in either direction, by a single credit."""
    assert problem in problems(first(kind), lie)


def test_l14_a_debt_that_is_partly_forgotten_is_found() -> None:
    """L14: given somebody who owes, an entry that states a credit less is called by its name."""
    index = first(EntryType.DEBT_REPAID) - 1
    owed = ENTRIES[index].after.debt
    assert owed > 0
    assert "states a wrong debt" in problems(index, stating(debt=owed - 1))


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
    for owner in ("usr_other", "another"):
        assert {f.problem for f in findings_of(owner, ENTRIES)} == {"belongs to another account"}


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


class Ledger:
    """A ledger that grows by whatever is asked for, right or wrong."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def run(self, command: commands.Command, now: datetime = NOW) -> Entry:
        """Carry out a command and return its last entry."""
        account = self.entries[-1].after if self.entries else Account(USER)
        self.entries += execute(account, command, now)
        return self.entries[-1]

    def retyped(self, kind: EntryType) -> Ledger:
        """Say that the last entry is of another type."""
        self.entries[-1] = seal(replace(self.entries[-1], type=kind))
        return self

    def problems(self) -> set[tuple[int, str]]:
        """Name what is found, and where."""
        return {(finding.entry_no, finding.problem) for finding in findings_of(USER, self.entries)}


def funded(days: int | None = None) -> Ledger:
    """Make a ledger with 50 credits that last so long."""
    ledger = Ledger()
    ledger.run(commands.CreditPurchase(50, 0, None if days is None else in_days(days), CAUSE))
    return ledger


def in_days(days: int) -> datetime:
    """Return a time."""
    return NOW + timedelta(days=days)


def of_run(number: int) -> Cause:
    """Return the cause of a run's entries."""
    return Cause("run", f"run_{number}", "cor-1")


def test_l09_a_run_that_is_given_back_twice_is_found() -> None:
    """L09: each of the two entries adds up; together they make credits out of nothing."""
    ledger = funded()
    ledger.run(commands.Spend(20, of_run(1)))
    spend = ledger.run(commands.Spend(20, of_run(2)))
    ledger.run(commands.GiveBack(spend, of_run(2)))
    assert ledger.problems() == set()
    ledger.run(commands.GiveBack(spend, of_run(2)))
    assert ledger.problems() == {(5, "gives back more than was taken")}


def test_l09_a_give_back_of_what_another_run_took_is_found() -> None:
    """L09: and so is one of a run that took nothing."""
    ledger = funded()
    spend = ledger.run(commands.Spend(1, of_run(1)))
    ledger.run(commands.GiveBack(spend, of_run(2)))
    assert ledger.problems() == {(3, "gives back more than was taken")}


@pytest.mark.parametrize("bonus", [0, 5])
def test_l14_a_purchase_that_is_credited_twice_is_found(bonus: int) -> None:
    """L14: its credits and its bonus, each by its own entry; another purchase's are its own."""
    ledger = Ledger()
    ledger.run(commands.CreditPurchase(50, bonus, None, CAUSE))
    ledger.run(commands.CreditPurchase(50, bonus, None, replace(CAUSE, id="pur_other")))
    assert ledger.problems() == set()
    again = len(ledger.entries)
    ledger.run(commands.CreditPurchase(50, bonus, None, CAUSE))
    named = range(again + 1, len(ledger.entries) + 1)
    assert ledger.problems() == {(number, "credits a purchase again") for number in named}


@pytest.mark.parametrize(
    ("credits", "kind"),
    [
        (5, EntryType.EXPIRE),
        (5, EntryType.RESERVE),
        (5, EntryType.SPEND),
        (-5, EntryType.PROMO),
        (-5, EntryType.SPEND_REFUND),
    ],
)
def test_l14_credits_that_move_the_wrong_way_are_found(credits: int, kind: EntryType) -> None:
    """L14: a spend gives nothing, and a gift takes nothing."""
    ledger = funded()
    ledger.run(commands.Adjust(credits, CAUSE))
    assert ledger.problems() == set()
    assert (2, "moves credits the wrong way") in ledger.retyped(kind).problems()


AT_THE_WRONG_TIME = {(2, "moves credits at the wrong time")}


def dated(ledger: Ledger, seconds: int) -> Ledger:
    """Say that the last entry is from so long after the first day."""
    moment = in_days(1) + timedelta(seconds=seconds)
    ledger.entries[-1] = seal(replace(ledger.entries[-1], created_at=moment))
    return ledger


@pytest.mark.parametrize(
    ("seconds", "found"), [(-1, set()), (0, AT_THE_WRONG_TIME), (1, AT_THE_WRONG_TIME)]
)
def test_l12_a_spend_of_credits_that_are_over_is_found(
    seconds: int, found: set[tuple[int, str]]
) -> None:
    """L12: from the very moment of their expiry on."""
    ledger = funded(days=1)
    ledger.run(commands.Spend(20, of_run(1)))
    assert dated(ledger, seconds).problems() == found


@pytest.mark.parametrize(("seconds", "found"), [(-1, AT_THE_WRONG_TIME), (0, set()), (1, set())])
def test_l12_credits_that_expire_before_their_time_are_found(
    seconds: int, found: set[tuple[int, str]]
) -> None:
    """L12: what is not over cannot be written off."""
    ledger = funded(days=1)
    ledger.run(commands.Expire(CAUSE), in_days(2))
    assert dated(ledger, seconds).problems() == found


def test_l12_credits_without_an_expiry_never_expire() -> None:
    """L12: whatever the time is."""
    ledger = funded()
    ledger.run(commands.Spend(20, of_run(1)), in_days(10_000))
    assert ledger.problems() == set()
    assert (2, "moves credits at the wrong time") in ledger.retyped(EntryType.EXPIRE).problems()


def test_l12_a_hold_and_a_clawback_may_use_up_what_expired_meanwhile() -> None:
    """L12: neither spends it."""
    ledger = funded(days=1)
    ledger.run(commands.Reserve("hold_1", 20, CAUSE))
    ledger.run(commands.Capture("hold_1", 20, CAUSE), in_days(2))
    ledger.run(commands.ClawBack(30, (1,), CAUSE), in_days(2))
    assert ledger.problems() == set()
