"""The model's suite once more, with every entry going through DynamoDB."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from billing.adapters.ledger_store import LedgerStore
from billing.domain import commands
from billing.domain.account import Account
from billing.domain.entry import Entry
from billing.domain.ledger import HoldError, InsufficientCreditsError, execute
from billing.domain.verification import findings_of
from tests.property.test_ledger_model import LedgerMachine
from tests.simulator.faults import Fault, suffer
from tests.simulator.figures import Figures
from tests.simulator.tables import Tables
from tests.simulator.wire import Call, Wire

pytestmark = pytest.mark.integration
STEPS = int(os.environ.get("STORED_MODEL_STEPS", "50"))
EXAMPLES = int(os.environ.get("STORED_MODEL_EXAMPLES", "30"))


class StoredLedgerMachine(LedgerMachine):
    """Every command on one account, committed by a writer who may know an old account only."""

    tables: Tables
    wire: Wire
    users = count()
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.account = Account(f"usr_{next(self.users):020}")
        self.store = LedgerStore(self.tables.billing, lambda _: None)
        self.history = [self.account]
        self.staleness = 0
        self.conflicts = 0

    @rule(staleness=st.integers(1, 5))
    def others_were_faster(self, staleness: int) -> None:
        """The next writer has read the account some entries ago."""
        self.staleness = staleness

    @rule(conflicts=st.integers(1, 4))
    def others_are_in_the_way(self, conflicts: int) -> None:
        """The next transactions meet other ones."""
        self.conflicts = conflicts

    def run(self, command: commands.Command) -> tuple[Entry, ...]:
        """Commit a command, and read what is stored then."""
        entries = tuple(self.committed(command))
        self.entries += entries
        if entries:
            self.account = entries[-1].after
            self.history += [entry.after for entry in entries]
        assert self.store.account(self.account.user_id) == self.account
        return entries

    def committed(self, command: commands.Command) -> Sequence[Entry]:
        """Commit a command under the circumstances that the rules have set up."""
        type(self).steps += 1
        with self.wire.behaving(self.meeting_others):
            return self.store.commit(
                self.account.user_id,
                lambda account: execute(account, command, self.now),
                lambda _: [],
                self.outdated(command),
            )

    def outdated(self, command: commands.Command) -> Account | None:
        """Return the account as it was before others were faster.

        None where nobody was, or where the command would come to nothing on it: a writer who
        refuses has read the account after it was asked, so that refusal is no one's mistake.
        """
        since = self.history[max(0, len(self.history) - 1 - self.staleness) :]
        staleness, self.staleness = self.staleness, 0
        try:
            # Catching up, it may decide on any of them.
            would_do = all(execute(account, command, self.now) for account in since)
            return since[0] if staleness and would_do else None
        except (InsufficientCreditsError, HoldError):
            return None

    def meeting_others(self, call: Call) -> object:
        """Refuse transactions as long as others are in the way."""
        if call.operation == "TransactWriteItems" and self.conflicts:
            self.conflicts -= 1
            suffer(call, Fault.CONFLICT)
        return call.send()

    def teardown(self) -> None:
        """L13: what is stored in the end is what was decided, gapless and verified."""
        stored = self.store.entries(self.account.user_id, before=None, limit=1000)[::-1]
        assert stored == self.entries
        assert findings_of(self.account.user_id, stored) == []


def test_l01_l02_l12_l13_l14_the_stored_ledger_agrees_with_the_model(
    tables: Tables, wire: Wire, figures: Figures
) -> None:
    """L01, L02, L12 to L14: any commands in any order, stale writers and conflicts included."""
    StoredLedgerMachine.tables, StoredLedgerMachine.wire = tables, wire
    run_state_machine_as_test(
        StoredLedgerMachine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    figures.note("commands committed by the model on DynamoDB", StoredLedgerMachine.steps)
