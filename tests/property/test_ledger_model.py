"""The ledger's rules beside a naive model: every command, in any order, the clock moving."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from billing.domain import commands
from billing.domain.account import Account
from billing.domain.entry import Cause, Entry, EntryType
from billing.domain.ledger import HoldError, InsufficientCreditsError, execute
from billing.domain.verification import findings_of
from tests.property.ledger_model import NaiveAccount
from tests.simulator.figures import Figures

CREDITS = st.integers(1, 30)
LIFETIMES = st.one_of(st.none(), st.integers(1, 20))
START = datetime(2026, 1, 1, tzinfo=UTC)


class LedgerMachine(RuleBasedStateMachine):
    """Every command on one account, in the ledger and in the model."""

    runs = Bundle("runs")
    holds = Bundle("holds")
    purchases = Bundle("purchases")
    commands_carried_out = 0

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.entries: list[Entry] = []
        self.account = Account("usr_00000000000000000000")
        self.model = NaiveAccount()
        self.serial = 0

    def cause(self, kind: str = "test") -> Cause:
        """Make a cause that no other command has."""
        self.serial += 1
        return Cause(kind, f"{kind}_{self.serial}", f"cor-{self.serial}", "a reason")

    def run(self, command: commands.Command) -> tuple[Entry, ...]:
        """Carry out a command on the ledger."""
        LedgerMachine.commands_carried_out += 1
        entries = execute(self.account, command, self.now)
        self.entries += entries
        if entries:
            self.account = entries[-1].after
        return entries

    def expiry(self, lifetime_days: int | None) -> datetime | None:
        """Make an expiry out of a lifetime."""
        return None if lifetime_days is None else self.now + timedelta(days=lifetime_days)

    @initialize()
    def begin(self) -> None:
        """Start with an empty account."""
        assert self.account.balance == 0

    @rule(days=st.integers(0, 10))
    def time_passes(self, days: int) -> None:
        """Let time pass, by nothing at all too."""
        self.now += timedelta(days=days)

    @rule(target=purchases, count=CREDITS, bonus=st.integers(0, 10), lifetime=LIFETIMES)
    def purchase(self, count: int, bonus: int, lifetime: int | None) -> tuple[str, int]:
        """Credit a purchase."""
        cause, expiry = self.cause("purchase"), self.expiry(lifetime)
        first = self.account.entry_no + 1
        self.run(commands.CreditPurchase(count, bonus, expiry, cause))
        self.model.add(count, is_gift=False, expires_at=expiry, purchase=cause.id)
        if bonus:
            self.model.add(bonus, is_gift=True, expires_at=expiry, purchase=cause.id)
        self.model.left_to_undo[cause.id] = count + bonus
        self.model.repay(self.now)
        return cause.id, first

    @rule(count=CREDITS, lifetime=LIFETIMES)
    def promo(self, count: int, lifetime: int | None) -> None:
        """Give credits away."""
        expiry = self.expiry(lifetime)
        self.run(commands.GrantPromo(count, expiry, self.cause()))
        self.model.add(count, is_gift=True, expires_at=expiry)
        self.model.repay(self.now)

    @rule(target=runs, count=CREDITS)
    def spend(self, count: int) -> object:
        """Pay for a run, or be refused."""
        cause = self.cause("run")
        taken = self.model.take(count, self.now)
        if taken is None:
            self.refused(commands.Spend(count, cause), count)
            return multiple()
        entries = self.run(commands.Spend(count, cause))
        self.model.spent[cause.id] = taken
        return entries[-1]

    @rule(spend=consumes(runs))
    def give_back(self, spend: Entry) -> None:
        """Give back what a run cost."""
        self.run(commands.GiveBack(spend, spend.cause))
        self.model.put_back(self.model.spent.pop(spend.cause.id), self.now)

    @rule()
    def expire(self) -> None:
        """Write off what is over."""
        self.run(commands.Expire(self.cause()))
        self.model.drop_expired(self.now)

    @rule(target=holds, count=CREDITS)
    def reserve(self, count: int) -> object:
        """Set credits aside, or be refused."""
        cause = self.cause("hold")
        command = commands.Reserve(cause.id, count, cause)
        taken = self.model.take(count, self.now)
        if taken is None:
            self.refused(command, count)
            return multiple()
        self.run(command)
        self.model.held[cause.id] = taken
        return cause.id

    @rule(hold=consumes(holds), data=st.data())
    def capture(self, hold: str, data: st.DataObject) -> None:
        """Use up a part of what is set aside; the rest goes back."""
        credits = self.model.held.pop(hold)
        used = data.draw(st.integers(1, len(credits)))
        self.run(commands.Capture(hold, used, self.cause()))
        if credits[used:]:
            self.model.put_back(credits[used:], self.now)

    @rule(hold=consumes(holds))
    def release(self, hold: str) -> None:
        """Give back all that is set aside."""
        self.run(commands.Release(hold, self.cause()))
        self.model.put_back(self.model.held.pop(hold), self.now)

    @rule(hold=holds)
    def capture_too_much(self, hold: str) -> None:
        """A capture beyond the hold changes nothing."""
        if hold in self.model.held:
            command = commands.Capture(hold, len(self.model.held[hold]) + 1, self.cause())
            self.refused_hold(command)

    @rule()
    def release_what_is_not_held(self) -> None:
        """A release without a hold changes nothing."""
        self.refused_hold(commands.Release("hold_0", self.cause()))

    @rule(purchase=purchases, count=CREDITS)
    def claw_back(self, purchase: tuple[str, int], count: int) -> None:
        """Undo a part of a purchase, and never more than it brought."""
        name, first = purchase
        count = min(count, self.model.left_to_undo[name])
        if count == 0:
            return
        self.run(commands.ClawBack(count, (first, first + 1), Cause("purchase", name, "cor-1")))
        self.model.claw_back(count, name, self.now)

    @rule(count=CREDITS)
    def adjust_up(self, count: int) -> None:
        """Give credits by hand."""
        self.run(commands.Adjust(count, self.cause()))
        self.model.add(count, is_gift=True, expires_at=None)
        self.model.repay(self.now)

    @rule(count=CREDITS)
    def adjust_down(self, count: int) -> None:
        """Take credits by hand, or be refused."""
        command = commands.Adjust(-count, self.cause())
        if self.model.take(count, self.now) is None:
            self.refused(command, count)
        else:
            self.run(command)

    @rule()
    def repay(self) -> None:
        """Repay debt with what is there."""
        self.run(commands.RepayDebt(self.cause()))
        self.model.repay(self.now)

    def refused(self, command: commands.Command, count: int) -> None:
        """Expect a refusal that names the right figures and changes nothing."""
        available = self.model.available(self.now)
        with pytest.raises(InsufficientCreditsError) as refusal:
            execute(self.account, command, self.now)
        members = refusal.value.members
        assert (members["required"], members["available"]) == (count, available)
        assert members["shortfall"] == count - available > 0

    def refused_hold(self, command: commands.Command) -> None:
        """Expect a refusal because of the hold."""
        with pytest.raises(HoldError):
            execute(self.account, command, self.now)

    @invariant()
    def l01_l02_agree_with_the_model(self) -> None:
        """L01, L02: sums equal the balance, nothing is negative, and the model agrees."""
        assert sum(entry.amount for entry in self.entries) == self.account.balance
        assert min(self.account.balance, self.account.held, self.account.debt) >= 0
        assert self.account.available(self.now) == self.model.available(self.now)
        assert self.account.held == sum(map(len, self.model.held.values()))
        assert self.account.debt == self.model.debt

    @invariant()
    def l13_l14_verify(self) -> None:
        """L13, L14: numbers, chain, sums and every grant's conservation verify."""
        assert findings_of(self.account.user_id, self.entries) == []

    @invariant()
    def l14_every_debit_names_its_grants(self) -> None:
        """L14: what a debit takes is what its movements say."""
        for entry in self.entries[-3:]:
            if entry.type is not EntryType.CAPTURE:
                assert sum(movement.amount for movement in entry.movements) == entry.amount


STEPS = int(os.environ.get("LEDGER_MODEL_STEPS", "60"))
EXAMPLES = int(os.environ.get("LEDGER_MODEL_EXAMPLES", "60"))


def test_l01_l02_l09_l12_l13_l14_the_ledger_agrees_with_the_model(figures: Figures) -> None:
    """L01, L02, L12 to L14: after every command, in any order, whatever the clock did."""
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            suppress_health_check=list(HealthCheck),
        ),
    )
    figures.note("commands carried out beside the model", LedgerMachine.commands_carried_out)
