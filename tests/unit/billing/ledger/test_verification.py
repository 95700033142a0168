"""The verification finds every change, and says which entry is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.adapters.ledger_items import from_item, to_item
from billing.adapters.packed_numbers import pack
from billing.domain import commands
from billing.domain.account import Account
from billing.domain.entry import Cause, Entry, seal
from billing.domain.ledger import execute
from billing.domain.verification import Finding, findings_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)
USER = "usr_00000000000000000000"
CAUSE = Cause("test", "run_00000000000000000000", "cor-1", "a reason")


def ledger() -> list[Entry]:
    """Make a ledger with an entry of every type."""
    entries: list[Entry] = []

    def run(command: commands.Command, days: int = 0) -> tuple[Entry, ...]:
        account = entries[-1].after if entries else Account(USER)
        made = execute(account, command, NOW + timedelta(days=days))
        entries.extend(made)
        return made

    run(commands.CreditPurchase(10_000, 1_000, NOW + timedelta(days=10), CAUSE))
    run(commands.GrantPromo(7_000, NOW + timedelta(days=1), CAUSE))
    spend = run(commands.Spend(2_000, CAUSE))[-1]
    run(commands.GiveBack(spend, CAUSE))
    run(commands.Reserve("hold_1", 3_000, CAUSE))
    run(commands.Capture("hold_1", 1_200, CAUSE))
    run(commands.Reserve("hold_2", 500, CAUSE))
    run(commands.Release("hold_2", CAUSE))
    run(commands.Adjust(700, CAUSE))
    run(commands.Spend(8_000, CAUSE), days=2)
    run(commands.ClawBack(10_000, (1, 2), CAUSE), days=2)
    run(commands.CreditPurchase(100_000, 0, None, replace(CAUSE, id="pur_next")), days=3)
    return entries


ENTRIES = ledger()


def test_l13_a_ledger_with_every_type_verifies() -> None:
    """L13: nothing is found where nothing is wrong."""
    assert findings_of(USER, ENTRIES) == []
    assert len({entry.type for entry in ENTRIES}) == 12


@pytest.mark.parametrize("missing", range(len(ENTRIES) - 1))
def test_l13_a_missing_entry_is_found(missing: int) -> None:
    """L13: the entry after the gap is named."""
    found = findings_of(USER, ENTRIES[:missing] + ENTRIES[missing + 1 :])
    assert found[0].entry_no == missing + 2
    assert "next number" in found[0].problem


@given(st.data())
def test_l13_one_changed_byte_anywhere_is_found(data: st.DataObject) -> None:
    """L13: whatever attribute of whatever stored item is changed, its entry is named."""
    index = data.draw(st.integers(0, len(ENTRIES) - 1))
    item = to_item(ENTRIES[index])
    name = data.draw(st.sampled_from([n for n in sorted(item) if n not in {"pk", "sk"}]))
    item[name] = data.draw(st.sampled_from(list(_changes(item[name]))))
    try:
        changed = from_item(item)
    except Exception:  # noqa: BLE001  # an item that cannot be read at all is found, too
        return
    found = findings_of(USER, [*ENTRIES[:index], changed, *ENTRIES[index + 1 :]])
    assert found
    assert found[0].entry_no == index + 1


def _changes(value: object) -> list[object]:
    if isinstance(value, int):
        return [value + 1, value - 1]
    if isinstance(value, bytes):
        flips = [(at, 1 << bit) for at in range(len(value)) for bit in range(8)]
        flipped = [value[:at] + bytes([value[at] ^ bit]) + value[at + 1 :] for at, bit in flips]
        return [*flipped, value + pack([1, 0, 0, 1]), value + b"\0"]
    if isinstance(value, str):
        return [value + "x", value[:-1] + chr(ord(value[-1]) ^ 1)]
    if isinstance(value, list) and value:
        changed = (
            [*value[:at], other, *value[at + 1 :]]
            for at, child in enumerate(value)
            for other in _changes(child)
        )
        return [value[1:], *changed]
    raise AssertionError(f"nothing stored is a {type(value).__name__}")


@pytest.mark.parametrize("index", [n for n, e in enumerate(ENTRIES) if e.after.grants])
def test_l14_credits_made_up_and_sealed_anew_are_found(index: int) -> None:
    """L14: a forger who knows the hash still cannot make credits without a movement."""
    entry = ENTRIES[index]
    richer = [*entry.after.grants]
    richer[0] = replace(richer[0], remaining=richer[0].remaining + 1)
    account = replace(entry.after, grants=tuple(richer), balance=entry.after.balance + 1)
    forged = seal(replace(entry, after=account))
    found = findings_of(USER, [*ENTRIES[:index], forged])
    assert {finding.entry_no for finding in found} == {index + 1}


def owing(*clawbacks: tuple[int, int]) -> list[Finding]:
    """Buy 40 and spend all but 5; then claw back, each time with a debt stated by a forger."""
    entries = [*execute(Account(USER), commands.CreditPurchase(40, 0, None, CAUSE), NOW)]
    entries += execute(entries[-1].after, commands.Spend(35, CAUSE), NOW)
    for claimed, debt in clawbacks:
        entry = execute(entries[-1].after, commands.ClawBack(claimed, (1,), CAUSE), NOW)[-1]
        entries.append(seal(replace(entry, after=replace(entry.after, debt=debt))))
    return findings_of(USER, entries)


@pytest.mark.parametrize("clawbacks", [[(20, 15)], [(3, 0)], [(40, 35)], [(10, 5), (30, 35)]])
def test_l14_a_debt_within_its_bounds_is_no_finding(clawbacks: list[tuple[int, int]]) -> None:
    """L14: what could not be taken is owed, up to all that was bought."""
    assert owing(*clawbacks) == []


def test_l14_a_debt_that_is_repaid_in_part_verifies() -> None:
    """L14: what is still owed is what was owed, less what was repaid."""
    entries = [*execute(Account(USER), commands.CreditPurchase(2_000, 0, None, CAUSE), NOW)]
    entries += execute(entries[-1].after, commands.Spend(1_990, CAUSE), NOW)
    entries += execute(entries[-1].after, commands.ClawBack(2_000, (1,), CAUSE), NOW)
    entries += execute(entries[-1].after, commands.GrantPromo(500, None, CAUSE), NOW)
    assert entries[-1].after.debt == 1_490
    assert findings_of(USER, entries) == []


@pytest.mark.parametrize(
    ("clawbacks", "entry_no", "problem"),
    [
        ([(40, 36)], 3, "takes back more than was bought"),
        ([(20, 15), (20, 36)], 4, "takes back more than was bought"),
        ([(3, 1)], 3, "owes what it could have taken"),
        ([(20, 15), (1, 14)], 4, "states a wrong debt"),
    ],
)
def test_l14_a_debt_that_was_made_up_is_found(
    clawbacks: list[tuple[int, int]], entry_no: int, problem: str
) -> None:
    """L14: no movement shows a debt, so its bounds are derived: what was left, what was bought."""
    assert owing(*clawbacks) == [Finding(USER, entry_no, problem)]


def test_l13_items_keep_everything_that_an_entry_says() -> None:
    """L13: an entry read back is the entry that was written."""
    for entry in ENTRIES:
        assert from_item(to_item(entry)) == entry
