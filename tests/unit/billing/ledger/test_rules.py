"""The ledger's rules, one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from billing.domain import commands
from billing.domain.account import Account, GrantKind
from billing.domain.amounts import InvalidCreditsError, checked_credits
from billing.domain.entry import Cause, EntryType
from billing.domain.ledger import InsufficientCreditsError, execute

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
CAUSE = Cause("test", "run_00000000000000000000", "cor-1", "a reason")
EMPTY = Account("usr_00000000000000000000")


def after(account: Account, *steps: commands.Command, now: datetime = NOW) -> Account:
    """Carry out commands one after another."""
    for step in steps:
        entries = execute(account, step, now)
        account = entries[-1].after if entries else account
    return account


def in_days(days: int | None) -> datetime | None:
    """Make an expiry."""
    return None if days is None else NOW + timedelta(days=days)


def purchase(paid: int, bonus: int = 0, days: int | None = 30) -> commands.CreditPurchase:
    """Make a purchase that expires after some days."""
    return commands.CreditPurchase(paid, bonus, in_days(days), CAUSE)


def promo(count: int, days: int | None = None) -> commands.GrantPromo:
    """Make a gift that expires after some days."""
    return commands.GrantPromo(count, in_days(days), CAUSE)


def spend(count: int) -> commands.Spend:
    """Make a spend."""
    return commands.Spend(count, CAUSE)


def remaining(account: Account) -> dict[int, int]:
    """Show what is left of each grant."""
    return {grant.entry_no: grant.remaining for grant in account.grants}


@pytest.mark.parametrize(
    "value", [True, False, 1.0, float("nan"), float("inf"), 0, -1, 10**12 + 1, "5", None]
)
def test_l07_what_is_no_number_of_credits_is_refused(value: object) -> None:
    """L07: bool, float, NaN, zero, negative and too large do not get in."""
    with pytest.raises(InvalidCreditsError):
        checked_credits(value)
    with pytest.raises(InvalidCreditsError):
        commands.Spend(value, CAUSE)  # type: ignore[arg-type]  # on purpose


@pytest.mark.parametrize("value", [1, 10**12])
def test_l07_the_bounds_themselves_are_fine(value: int) -> None:
    """L07: 1 and 10^12 are numbers of credits."""
    assert checked_credits(value) == value


def test_gifts_are_spent_before_paid_then_the_earliest_expiry_then_the_oldest() -> None:
    """The order of spending, each rule deciding once."""
    account = after(EMPTY, purchase(10, days=1), promo(10), promo(10, 5), promo(10, 5))
    entry = execute(account, spend(35), NOW)[-1]
    assert [(m.grant_no, m.amount) for m in entry.movements] == [
        (3, -10),
        (4, -10),
        (2, -10),
        (1, -5),
    ]


def test_l12_credits_end_at_their_expiry_to_the_moment() -> None:
    """L12: spendable until just before the expiry, and not at it."""
    account = after(EMPTY, purchase(10, days=1))
    expiry = NOW + timedelta(days=1)
    assert after(account, spend(10), now=expiry - timedelta(milliseconds=1)).balance == 0
    with pytest.raises(InsufficientCreditsError) as refusal:
        execute(account, spend(1), expiry)
    assert refusal.value.members["available"] == 0


def test_l12_a_spend_writes_off_first_what_is_over() -> None:
    """L12: the `expire` entry stands before the `spend` of the same transaction."""
    account = after(EMPTY, purchase(10, days=1), promo(5))
    entries = execute(account, spend(5), NOW + timedelta(days=2))
    assert [(entry.type, entry.amount) for entry in entries] == [
        (EntryType.EXPIRE, -10),
        (EntryType.SPEND, -5),
    ]
    assert [entry.entry_no for entry in entries] == [3, 4]


def test_a_refusal_says_what_is_missing() -> None:
    """A refusal names what is required, available and missing, and where to top up."""
    with pytest.raises(InsufficientCreditsError) as refusal:
        execute(after(EMPTY, promo(10)), spend(25), NOW)
    assert refusal.value.members == {
        "required": 25,
        "available": 10,
        "shortfall": 15,
        "top_up": "/v1/packages",
    }


def test_l09_a_give_back_returns_to_the_grants_that_paid() -> None:
    """L09: each grant gets back exactly what it gave, one that was used up too."""
    account = after(EMPTY, purchase(10), promo(5))
    spent = execute(account, spend(12), NOW)[-1]
    assert remaining(after(spent.after, commands.GiveBack(spent, CAUSE))) == {1: 10, 2: 5}


def test_l09_what_came_from_an_expired_grant_returns_for_seven_days() -> None:
    """L09: the sum is the same, in a new grant where the old one is over."""
    account = after(EMPTY, purchase(10, days=1), promo(5, 60))
    spent = execute(account, spend(12), NOW)[-1]
    later = NOW + timedelta(days=2)
    entries = execute(spent.after, commands.GiveBack(spent, CAUSE), later)
    (refund,) = [g for g in entries[-1].after.grants if g.kind is GrantKind.REFUND]
    assert (refund.remaining, refund.expires_at) == (7, later + timedelta(days=7))
    assert entries[-1].amount == 12


def test_only_a_spend_can_be_given_back() -> None:
    """Another kind of entry is refused when the command is made."""
    entry = execute(EMPTY, promo(5), NOW)[-1]
    with pytest.raises(ValueError, match="cannot be given back"):
        commands.GiveBack(entry, CAUSE)


def test_a_clawback_takes_the_purchases_own_grants_first() -> None:
    """Others are touched only when the purchase's own are used up."""
    account = after(EMPTY, promo(50), purchase(10, 5))
    clawed = after(account, commands.ClawBack(12, (2, 3), CAUSE))
    assert remaining(clawed) == {1: 50, 3: 3}


def test_a_clawback_makes_debt_of_what_is_missing_and_the_next_purchase_repays_it() -> None:
    """The balance never goes below zero; the next credits repay first."""
    account = after(EMPTY, purchase(10), spend(7), commands.ClawBack(10, (1,), CAUSE))
    assert (account.balance, account.debt) == (0, 7)
    entries = execute(account, purchase(10), NOW)
    assert [(e.type, e.amount, e.after.debt) for e in entries] == [
        (EntryType.PURCHASE, 10, 7),
        (EntryType.DEBT_REPAID, -7, 0),
    ]


def test_a_hold_sets_credits_aside_and_a_capture_gives_the_rest_back() -> None:
    """Reserve, capture in part, release of the rest."""
    account = after(EMPTY, purchase(10), commands.Reserve("hold_1", 8, CAUSE))
    assert (account.balance, account.held) == (2, 8)
    entries = execute(account, commands.Capture("hold_1", 5, CAUSE), NOW)
    assert [(e.type, e.amount, e.after.held) for e in entries] == [
        (EntryType.CAPTURE, 0, 3),
        (EntryType.RELEASE, 3, 0),
    ]
    assert entries[-1].after.balance == 5


def test_an_adjustment_needs_a_reason() -> None:
    """Nobody corrects an account without saying why."""
    with pytest.raises(ValueError, match="reason"):
        commands.Adjust(5, Cause("operator", "op", "cor-1", "  "))


def test_ids_of_entries_and_grants_differ_per_account() -> None:
    """The same number in another account has another id."""
    mine = execute(EMPTY, promo(5), NOW)[-1]
    other = execute(Account("usr_11111111111111111111"), promo(5), NOW)[-1]
    assert mine.id != other.id
    assert mine.id.startswith("led_")


def test_expiries_are_whole_seconds_and_times_whole_milliseconds() -> None:
    """What is hashed is what storage keeps."""
    odd = NOW.replace(microsecond=123456)
    command = commands.GrantPromo(5, odd + timedelta(days=1), CAUSE)
    (entry,) = execute(EMPTY, command, odd)
    assert entry.created_at.microsecond == 123000
    assert entry.after.grants[0].expires_at == NOW + timedelta(days=1)
