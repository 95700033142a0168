"""What an account, an entry and a command can be at all, before any rule is asked."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from billing.domain import account, commands, entry, verification
from billing.domain.account import Account, Grant, GrantKind, Hold, LedgerInvariantError, Movement
from billing.domain.entry import Cause, EntryType, canonical
from billing.domain.ledger import HoldError, execute

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
USER = "usr_00000000000000000000"
CAUSE = Cause("test", "run_00000000000000000000", "cor-1", "a reason")
VALUES = [
    value
    for module in (account, commands, entry)
    for value in vars(module).values()
    if dataclasses.is_dataclass(value) and value.__module__ == module.__name__
]


def grant(remaining: int) -> Grant:
    """Make a grant that never expires."""
    return Grant(1, GrantKind.PAID, remaining, None)


def hold(amount: int) -> Hold:
    """Make a hold."""
    return Hold("hold_1", (Movement(1, GrantKind.PAID, None, amount),))


@pytest.mark.parametrize("value", [*VALUES, verification.Finding], ids=lambda v: str(v.__name__))
def test_l13_values_of_the_ledger_cannot_be_changed(value: Any) -> None:  # noqa: ANN401  # any class
    """L13: no attribute can be set anew, and none added."""
    assert value.__dataclass_params__.frozen
    assert "__slots__" in vars(value)


def test_an_account_whose_parts_add_up_is_one() -> None:
    """Given grants and holds that make its sums, it exists."""
    held = Account(
        USER, 9, balance=300, held=400, debt=500, grants=(grant(300),), holds=(hold(400),)
    )
    assert (held.balance, held.held, held.debt) == (300, 400, 500)


@pytest.mark.parametrize(
    "parts",
    [
        {"balance": 299, "grants": (grant(300),)},
        {"balance": 301, "grants": (grant(300),)},
        {"held": 399, "holds": (hold(400),)},
        {"held": 401, "holds": (hold(400),)},
        {"balance": 0, "grants": (grant(0),)},
        {"balance": 0, "grants": (grant(-1), grant(1))},
        {"debt": -1},
        {"entry_no": -1},
        {"balance": -1, "grants": (grant(-1),)},
        {"held": -1, "holds": (hold(-1),)},
    ],
)
def test_l02_an_account_that_does_not_add_up_cannot_exist(parts: dict[str, Any]) -> None:
    """L02: one credit too many or too few, or anything below zero, is no account."""
    with pytest.raises(LedgerInvariantError):
        Account(USER, **parts)


@pytest.mark.parametrize("bonus", [-1, -(10**6), False, 0.0, 10**12 + 1, None])
def test_l07_a_bonus_is_none_or_a_number_of_credits(bonus: Any) -> None:  # noqa: ANN401  # anything
    """L07: nothing below zero, and nothing but an integer."""
    with pytest.raises(ValueError, match="not an integer"):
        commands.CreditPurchase(5, bonus, None, CAUSE)


@pytest.mark.parametrize("bonus", [0, 1, 10**12])
def test_l07_the_bounds_of_a_bonus_are_fine(bonus: int) -> None:
    """L07: none at all, the least and the most."""
    assert commands.CreditPurchase(5, bonus, None, CAUSE).bonus_credits == bonus


@pytest.mark.parametrize("credits", [0, True, 1.0, 10**12 + 1, -(10**12) - 1])
def test_l07_an_adjustment_is_a_signed_number_of_credits(credits: Any) -> None:  # noqa: ANN401  # anything
    """L07: zero corrects nothing, and no float gets in."""
    with pytest.raises(ValueError, match="not an integer"):
        commands.Adjust(credits, CAUSE)


def test_an_adjustment_of_one_credit_gives_one() -> None:
    """The smallest correction upwards, and then downwards."""
    given = execute(Account(USER), commands.Adjust(1, CAUSE), NOW)[-1]
    taken = execute(given.after, commands.Adjust(-1, CAUSE), NOW)[-1]
    assert (given.amount, taken.amount) == (1, -1)


@pytest.mark.parametrize("kind", [kind for kind in EntryType if kind is not EntryType.SPEND])
def test_l09_nothing_but_a_spend_can_be_given_back(kind: EntryType) -> None:
    """L09: entries of every other type are refused."""
    made = execute(Account(USER), commands.GrantPromo(5, None, CAUSE), NOW)[-1]
    with pytest.raises(ValueError, match="cannot be given back"):
        commands.GiveBack(dataclasses.replace(made, type=kind), CAUSE)


def reserved(credits: int, hold_id: str) -> Account:
    """Make an account of 10 credits, with some set aside."""
    funded = execute(Account(USER), commands.GrantPromo(10, None, CAUSE), NOW)[-1].after
    return execute(funded, commands.Reserve(hold_id, credits, CAUSE), NOW)[-1].after


def test_a_hold_is_found_by_its_name() -> None:
    """Given two texts that say the same, they name the same hold."""
    account = reserved(5, "hold_1")
    other_text = f"hold_{len(account.holds)}"
    with pytest.raises(HoldError):
        execute(account, commands.Reserve(other_text, 1, CAUSE), NOW)
    assert execute(account, commands.Release(other_text, CAUSE), NOW)[-1].after.balance == 10


def test_a_hold_can_be_captured_whole() -> None:
    """All of it and no more; nothing is left to release."""
    entries = execute(reserved(5, "hold_1"), commands.Capture("hold_1", 5, CAUSE), NOW)
    assert [entry.type for entry in entries] == [EntryType.CAPTURE]
    with pytest.raises(HoldError):
        execute(reserved(5, "hold_1"), commands.Capture("hold_1", 6, CAUSE), NOW)


def test_l09_credits_that_expire_at_this_very_moment_return_for_seven_days() -> None:
    """L09: at its expiry a grant is over, so what comes back needs another."""
    funded = execute(Account(USER), commands.GrantPromo(5, NOW, CAUSE), NOW.replace(hour=1))[-1]
    spend = execute(funded.after, commands.Spend(5, CAUSE), NOW.replace(hour=2))[-1]
    returned = execute(spend.after, commands.GiveBack(spend, CAUSE), NOW)[-1]
    assert [grant.kind for grant in returned.after.grants] == [GrantKind.REFUND]


def test_l13_what_is_hashed_is_written_in_one_way_for_good() -> None:
    """L13: a ledger of today must verify in ten years; changing this breaks every chain."""
    cause = Cause("operator", "op_1", "cor-1", "Mueller, Zürich")
    command = commands.Adjust(5, cause)
    entry_made = execute(Account(USER), command, NOW)[-1]
    assert canonical(entry_made) == (
        b'{"amount":5,"balance_after":5,'
        b'"cause":["operator","op_1","cor-1","Mueller, Z\\u00fcrich"],'
        b'"created_at":"2026-01-01T12:00:00.000Z","debt_after":0,"entry_no":1,'
        b'"grants_after":[[1,"promo",5,null]],"held_after":0,"holds_after":[],'
        b'"movements":[[1,"promo",null,5]],'
        b'"prev_hash":"0000000000000000000000000000000000000000000000000000000000000000",'
        b'"type":"adjustment","user_id":"usr_00000000000000000000"}'
    )
    assert json.loads(canonical(entry_made))["entry_no"] == 1
