"""The engine's use cases in this process, wired to real tables as its handlers wire them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from billing.adapters import saga_signals
from billing.adapters.intent_store import IntentStore
from billing.adapters.ledger_store import LedgerStore
from billing.adapters.ledger_walk import LedgerWalk
from billing.adapters.purchase_store import PurchaseStore
from billing.debit import NEVER, Debits
from billing.domain.commands import GrantPromo
from billing.domain.entry import Cause
from billing.domain.ledger import execute
from billing.domain.operator_refund import RefundOrder
from billing.domain.packages import Package
from billing.group_commit import GroupCommit
from billing.purchase.buying import Buying, ReturnHosts
from billing.refund.outcomes import RefundOutcome
from billing.refund.refunding import LOOKS, Refunding
from billing.refund.reserving import Reserving
from billing.saga.awaiting import Awaiting
from billing.saga.charging import Charging
from billing.saga.compensation import Compensation
from billing.settlement import Settlement
from billing.webhook.receiving import Receiving
from tests.inline import Inline
from tests.simulator.omise import WiredOmise
from tests.simulator.tables import Tables
from tests.simulator.wire import Wire
from workflows.adapters.run_ledger import TransactionalRunLedger
from workflows.adapters.run_table import RunTable
from workflows.adapters.workflow_table import WorkflowTable
from workflows.domain.automation import Automation, Catalogue
from workflows.domain.run import Run
from workflows.domain.workflow import Workflow
from workflows.use_cases.edit_workflows import Workflows
from workflows.use_cases.settle_runs import RunSaga
from workflows.use_cases.start_run import StartRun

WINDOW: Final = timedelta(hours=24)
CHEAP: Final = Automation("cheap", "Cheap", "Costs little.", 7, {"type": "object"})
DEAR: Final = Automation("dear", "Dear", "Costs much.", 75, {"type": "object"})
SMALL: Final = Package("small", "Small", 100, 0, 9_900, "THB", 30)
LARGE: Final = Package("large", "Large", 400, 50, 34_900, "THB", None)
PACKAGES: Final = {package.id: package for package in (SMALL, LARGE)}


class NoOutputs:
    """Keeps no outputs: those of the simulation are small."""

    def put(self, run_id: str, text: str) -> str:
        """Refuse."""
        raise AssertionError(f"{run_id} has {len(text)} characters of output")

    def link(self, key: str) -> str:
        """Refuse."""
        raise AssertionError(key)


@dataclass
class Engine:
    """All functions that move credits, as one freshly started instance of each has them.

    Parameters
    ----------
    tables
        Where everything is stored.
    omise
        The Omise account.
    jitter
        Draws the waits of retries.
    sleep
        Waits some seconds between attempts; by default nobody really waits.
    executor
        Reads accounts beside other reads.
    group_commit_after
        After how many attempts of its own a debit takes part in group commit.
    """

    tables: Tables
    omise: WiredOmise
    jitter: Callable[[], float] = random.random
    sleep: Callable[[float], None] = lambda _: None
    executor: Executor = field(default_factory=Inline)
    group_commit_after: int = NEVER
    settled_runs: list[Run] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Wire the use cases."""
        self.ledger = LedgerStore(self.tables.billing, self.sleep, self.jitter)
        self.purchases = PurchaseStore(self.tables.billing)
        self.runs = RunTable(self.tables.workflows)
        self._wire_billing()
        self._wire_workflows()

    def _wire_billing(self) -> None:
        settlement = Settlement(self.ledger, self.purchases, self.executor)
        signal = saga_signals.signal
        self.buying = Buying(PACKAGES, self.purchases, ReturnHosts(("example.com",), ()))
        self.charging = Charging(self.purchases, self.omise, settlement, WINDOW)
        self.awaiting = Awaiting(self.purchases, self.omise, settlement, signal)
        self.compensation = Compensation(self.purchases, self.omise, settlement)
        self.reserving = Reserving(self.ledger, self.purchases, self.omise, settlement)
        self.refunding = Refunding(self.purchases, self.omise, settlement)
        self.receiving = Receiving(None, self.omise, self.purchases, settlement, signal)

    def _wire_workflows(self) -> None:
        catalogue = Catalogue([CHEAP, DEAR])
        run_ledger = TransactionalRunLedger(self._debits(), self.tables.workflows)
        self.workflows = Workflows(WorkflowTable(self.tables.workflows), catalogue)
        self.start_run = StartRun(self.runs, run_ledger, catalogue, self.executor)
        self.run_saga = RunSaga(self.runs, run_ledger, NoOutputs(), self.settled_runs.append)

    def _debits(self) -> Debits:
        if self.group_commit_after == NEVER:
            return Debits(self.ledger)
        intents, after = IntentStore(self.tables.billing), self.group_commit_after
        return Debits(
            self.ledger, GroupCommit(self.ledger, intents, after, self.sleep, self.jitter)
        )

    @property
    def walk(self) -> LedgerWalk:
        """Reads all ledgers."""
        return LedgerWalk(self.tables.billing)

    def webhook(self, charge_id: str, now: datetime) -> None:
        """Deliver Omise's notice that a charge is complete."""
        event = {"key": "charge.complete", "data": {"id": charge_id}}
        self.receiving.receive(json.dumps(event).encode(), {}, now)

    def refund(self, order: RefundOrder, now: datetime) -> None:
        """Walk an operator's refund, as its state machine does, as far as it goes now."""
        purchase, request = order.purchase_id, order.request_id
        outcome = self.reserving.reserve(order, now)
        if outcome is RefundOutcome.RESERVED:
            outcome = self.refunding.refund(purchase, request, now)
        for look in range(1, LOOKS + 1):
            if outcome in {RefundOutcome.UNKNOWN, RefundOutcome.ABSENT}:
                outcome = self.refunding.find_refund(purchase, request, look, now)
        if outcome is RefundOutcome.RETRY:
            self.refund(order, now)
        if outcome is RefundOutcome.REFUNDED:
            self.refunding.capture(purchase, request, now)
        if outcome is RefundOutcome.REFUSED:
            self.reserving.release(purchase, request, now)

    def give(
        self, user_id: str, credits: int, now: datetime, expires_at: datetime | None = None
    ) -> None:
        """Give a user credits."""
        command = GrantPromo(credits, expires_at, Cause("promo", "prm_1", "cor-1"))
        self.ledger.commit(user_id, lambda account: execute(account, command, now), lambda _: [])

    def add_workflow(self, workflow_id: str, user_id: str, automation: str, now: datetime) -> None:
        """Store a workflow under an id that does not depend on chance."""
        workflow = Workflow(workflow_id, user_id, workflow_id, automation, {}, 1, now, now)
        WorkflowTable(self.tables.workflows).add(workflow)


def new_engine(tables: Tables, wire: Wire, jitter: Callable[[], float] = random.random) -> Engine:
    """Wire an engine on some tables, with an Omise account of its own."""
    return Engine(tables, WiredOmise(wire), jitter)
