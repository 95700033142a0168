"""Any debits in a group are what they would have been one after another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from billing.domain.account import Account
from billing.domain.commands import GrantPromo, Spend
from billing.domain.debit_intents import MAX_ITEMS, DebitIntent, group_of
from billing.domain.entry import Cause, Entry
from billing.domain.ledger import InsufficientCreditsError, execute
from billing.domain.verification import findings_of

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
USER: Final = "usr_00000000000000000000"
CAUSE: Final = Cause("promo", "prm_1", "cor-1")
grants = st.lists(st.tuples(st.integers(1, 300), st.none() | st.integers(1, 60)), max_size=5)
# What it costs, for which run, and how many seconds from now it was asked for.
wishes = st.lists(
    st.tuples(st.integers(1, 120), st.integers(0, 60), st.integers(-10, 60)), max_size=60
)


def with_grants(amounts: list[tuple[int, int | None]]) -> list[Entry]:
    """Give an account credits, some of which expire within a minute."""
    entries: list[Entry] = []
    for amount, seconds in amounts:
        account = entries[-1].after if entries else Account(USER)
        expiry = NOW + timedelta(seconds=seconds) if seconds else None
        entries += execute(account, GrantPromo(amount, expiry, CAUSE), NOW)
    return entries


def an_intent(position: int, credits: int, run: int, seconds: int) -> DebitIntent:
    """Make an intent."""
    asked_at = NOW + timedelta(seconds=seconds)
    cause = Cause("run", f"run_{run}", f"cor-{position}")
    return DebitIntent(
        USER, f"{position:04}", credits, cause, asked_at, asked_at + timedelta(seconds=5), {}
    )


@given(grants, wishes)
def test_l01_l02_l03_l05_l12_l13_l14_a_group_is_its_debits_one_after_another(
    amounts: list[tuple[int, int | None]], wanted: list[tuple[int, int, int]]
) -> None:
    """L01 to L03, L05, L12 to L14: same entries as alone, each run once, nothing overdrawn."""
    before = with_grants(amounts)
    account = before[-1].after if before else Account(USER)
    intents = [an_intent(position, *wish) for position, wish in enumerate(wanted)]

    group = group_of(account, intents, NOW)

    alone: list[Entry] = []
    for intent, _ in group.debits:
        alone += execute(
            alone[-1].after if alone else account,
            Spend(intent.credits, intent.cause),
            intent.asked_at,
        )
    assert group.entries == alone
    assert findings_of(USER, [*before, *group.entries]) == []
    runs = [intent.run_id for intent, _ in group.debits]
    assert len(runs) == len(set(runs))
    assert {intent.run_id for intent in group.paid} == set(runs)


@given(grants, wishes)
def test_l03_what_a_group_leaves_is_stale_uncovered_or_for_the_next_one(
    amounts: list[tuple[int, int | None]], wanted: list[tuple[int, int, int]]
) -> None:
    """L03: given any intents, none is lost, and no transaction has more than 100 items."""
    before = with_grants(amounts)
    account = before[-1].after if before else Account(USER)
    intents = [an_intent(position, *wish) for position, wish in enumerate(wanted)]

    group = group_of(account, intents, NOW)

    assert group.item_count <= MAX_ITEMS
    taken = [*group.paid, *group.uncovered]
    assert not [intent for intent in taken if intent.is_stale(NOW)]
    left = [one for one in intents if one not in taken and not one.is_stale(NOW)]
    if left:  # they come after all that was taken, and there is no room for the first of them
        assert min(one.number for one in left) > max(one.number for one in taken)
        assert group.item_count > MAX_ITEMS - 4
    for intent in group.uncovered:
        try:
            execute(group.account, Spend(intent.credits, intent.cause), intent.asked_at)
        except InsufficientCreditsError:
            continue
        raise AssertionError(f"{intent} could have been paid for")
