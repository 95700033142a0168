"""Every use case that moves credits, each with what is given before and what must be true after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from billing.adapters.intent_store import IntentStore, number_of
from billing.domain.charge import Card, ChargeStatus, DisputeStatus
from billing.domain.commands import Adjust, Command
from billing.domain.debit_intents import DebitIntent
from billing.domain.entry import Cause, Entry
from billing.domain.ledger import execute
from billing.domain.operator_refund import RefundOrder
from billing.purchase.buying import Buyer
from tests.simulator.engine import DEAR, LARGE, WINDOW, Engine
from tests.simulator.truth import Truth, truth_of
from workflows.adapters.items import order_item
from workflows.domain.run import Run, RunRequest, order_run
from workflows.domain.workflow import Workflow

NOW: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
SOON: Final = NOW + timedelta(minutes=5)
TOMORROW: Final = NOW + timedelta(days=1, hours=1)
CARD: Final = Card("tokn_test_1", "https://example.com/back")
ERROR: Final = {"Error": "States.TaskFailed", "Cause": "broken"}


@dataclass
class Stage:
    """One user's corner of the tables, new for every attempt at a scenario.

    `entry_types` are the ledger's entries that the scenario itself must add, in their order.
    """

    engine: Engine
    number: int
    entries_before: int = field(default=0, init=False)

    @property
    def user(self) -> str:
        """The user."""
        return f"usr_{self.number:026}"

    @property
    def workflow(self) -> str:
        """The user's workflow, which costs 75."""
        return f"wfl_{self.number:026}"

    @property
    def purchase(self) -> str:
        """The user's purchase."""
        return Buyer(self.user, "key", "cor-1").purchase_id

    @property
    def charge_id(self) -> str:
        """The purchase's charge."""
        return self.engine.omise.of_purchase(self.purchase)[0].id

    def wholly(self, act: Callable[[Stage], object]) -> None:
        """Do something, and wait for the reads beside it that nobody else waited for."""
        act(self)
        self.engine.executor.submit(int).result()

    def give(self, credits: int, expires_at: datetime | None = None) -> None:
        """Give the user credits."""
        self.engine.give(self.user, credits, NOW, expires_at)

    def command(self, command: Command) -> None:
        """Carry out a command on the user's account."""
        ledger = self.engine.ledger
        ledger.commit(self.user, lambda account: execute(account, command, NOW), lambda _: [])

    def add_workflow(self) -> None:
        """Give the user a workflow."""
        self.engine.add_workflow(self.workflow, self.user, DEAR.id, NOW)

    def start_run(self, now: datetime = SOON) -> Run:
        """Start the run."""
        request = RunRequest(self.user, self.workflow, "key", None, "cor-1")
        return self.engine.start_run(request, now).run

    def start_run_in_a_group(self) -> Run:
        """Start the run by an instance that groups every debit."""
        engine = replace(self.engine, group_commit_after=0)
        return Stage(engine, self.number).start_run()

    def somebody_waits(self, key: str, now: datetime) -> None:
        """Leave the intent of another request of the user, as if its function had died then."""
        request = RunRequest(self.user, self.workflow, key, None, f"cor-{key}")
        workflow = Workflow(self.workflow, self.user, "name", DEAR.id, {}, 1, NOW, NOW)
        order = order_run(request, workflow, DEAR, now)
        intent = DebitIntent(
            self.user,
            number_of(now),
            order.credit_cost,
            Cause("run", order.id, order.correlation_id),
            now,
            now + timedelta(seconds=5),
            order_item(order),
        )
        IntentStore(self.engine.tables.billing).put(intent)

    @property
    def run_id(self) -> str:
        """The run."""
        return RunRequest(self.user, self.workflow, "key", None, "cor-1").run_id

    def buy(self, card: Card | None = None) -> None:
        """Open the purchase."""
        self.engine.buying.buy(Buyer(self.user, "key", "cor-1"), LARGE.id, card, 0, NOW)

    def charged(self) -> None:
        """Open the purchase, and let its saga wait for the payment."""
        self.buy()
        self.engine.charging.create_charge(self.purchase, NOW)
        self.engine.awaiting.await_payment(self.purchase, "token")

    def paid(self) -> None:
        """Let the buyer have paid what was charged."""
        self.charged()
        self.engine.omise.becomes(self.charge_id, ChargeStatus.SUCCESSFUL)

    def owes(self) -> None:
        """Let the user owe 225 credits: bought, spent, and half of the money went back."""
        buyer = Buyer(self.user, "earlier", "cor-1")
        self.engine.buying.buy(buyer, LARGE.id, None, 0, NOW)
        self.engine.charging.create_charge(buyer.purchase_id, NOW)
        (charge,) = self.engine.omise.of_purchase(buyer.purchase_id)
        self.engine.omise.becomes(charge.id, ChargeStatus.SUCCESSFUL)
        self.engine.webhook(charge.id, NOW)
        cause = Cause("test", "tst_1", "cor-1", "spent elsewhere")
        self.command(Adjust(-LARGE.credits - LARGE.bonus_credits, cause))
        self.engine.omise.pay_back(charge.id, LARGE.amount // 2)
        self.engine.webhook(charge.id, NOW)

    def settled(self, card: Card | None = None) -> None:
        """Let the purchase be paid and credited."""
        if card is None:
            self.paid()
            self.engine.webhook(self.charge_id, NOW)
        else:
            self.engine.omise.used_tokens.clear()
            self.engine.omise.created_status = ChargeStatus.SUCCESSFUL
            self.buy(card)
            self.engine.charging.create_charge(self.purchase, NOW)

    def refund_order(self) -> RefundOrder:
        """Make an operator's order for half of what was paid."""
        half = LARGE.amount // 2
        return RefundOrder(
            "request-1", self.purchase, half, "someone@example.com", "a test", force=False
        )

    def ledger(self) -> list[Entry]:
        """Read the user's whole ledger."""
        return list(self.engine.walk.history(self.user))

    def verified(self) -> Truth:
        """Verify this user's corner."""
        truth = truth_of(self.engine)
        truth.ledgers = {u: entries for u, entries in truth.ledgers.items() if u == self.user}
        truth.runs = {r.id: r for r in truth.runs.values() if r.order.user_id == self.user}
        truth.purchases = {p.id: p for p in truth.purchases.values() if p.user_id == self.user}
        truth.verify()
        return truth


@dataclass(frozen=True)
class Scenario:
    """A use case.

    Parameters
    ----------
    name
        What happens.
    given
        Prepares the stage.
    when
        The use case, as its caller repeats it until it returns.
    adds
        The types of the ledger entries that it adds, in their order.
    balance
        The balance after it.
    """

    name: str
    given: Callable[[Stage], object]
    when: Callable[[Stage], object]
    adds: tuple[str, ...]
    balance: int

    def __str__(self) -> str:
        """Name it."""
        return self.name


def _funded(stage: Stage) -> None:
    stage.add_workflow()
    stage.give(100)


def _with_something_expired(stage: Stage) -> None:
    stage.add_workflow()
    stage.give(40, SOON)
    stage.give(80)


def _others_wait(stage: Stage) -> None:
    """Fund two runs; one who died wants another run, and one this very run."""
    stage.add_workflow()
    stage.give(160)
    stage.somebody_waits("other", SOON + timedelta(seconds=1))
    stage.somebody_waits("key", SOON + timedelta(seconds=2))


def _ran(stage: Stage) -> None:
    _funded(stage)
    stage.start_run()


def _ran_on_credits_that_expire(stage: Stage) -> None:
    stage.add_workflow()
    stage.give(50, NOW + timedelta(hours=1))
    stage.give(50)
    stage.start_run()


def _paid_in_debt(stage: Stage) -> None:
    stage.owes()
    stage.paid()


def _unpaid_card(stage: Stage) -> None:
    stage.buy(CARD)
    stage.engine.omise.used_tokens.clear()
    stage.engine.omise.created_status = ChargeStatus.SUCCESSFUL


def _returned_after_spending(stage: Stage) -> None:
    """Settle, spend all but 100, and let all of the money go back."""
    stage.settled()
    spent = LARGE.credits + LARGE.bonus_credits - 100
    stage.command(Adjust(-spent, Cause("test", "tst_1", "cor-1", "spent elsewhere")))
    stage.engine.omise.pay_back(stage.charge_id, LARGE.amount)


def _disputed_and_lost(stage: Stage) -> None:
    stage.settled()
    stage.engine.omise.disputed(DisputeStatus.LOST, stage.charge_id)


def _give_back(stage: Stage) -> Run:
    return stage.engine.run_saga.give_back(stage.run_id, ERROR, TOMORROW)


def _charge_the_card(stage: Stage) -> None:
    """Walk the saga as its state machine does, until the purchase is at its end."""
    outcome = str(stage.engine.charging.create_charge(stage.purchase, SOON))
    for look in (1, 2, 3):
        if outcome not in {"unknown", "absent"}:
            break
        outcome = str(stage.engine.charging.find_charge(stage.purchase, look, SOON))
    if outcome == "retry":
        _charge_the_card(stage)
    if outcome in {"pending", "paid"}:
        stage.engine.awaiting.reconcile(stage.purchase, SOON)


SCENARIOS: Final = (
    Scenario("start a run", _funded, Stage.start_run, ("spend",), 25),
    Scenario(
        "start a run that writes off first",
        _with_something_expired,
        Stage.start_run,
        ("expire", "spend"),
        5,
    ),
    Scenario("start a run in a group", _funded, Stage.start_run_in_a_group, ("spend",), 25),
    Scenario(
        "start a run in a group with others",
        _others_wait,
        Stage.start_run_in_a_group,
        ("spend", "spend"),
        10,
    ),
    Scenario("give back", _ran, _give_back, ("spend_refund",), 100),
    Scenario(
        "give back what has expired since",
        _ran_on_credits_that_expire,
        _give_back,
        ("spend_refund",),
        100,
    ),
    Scenario(
        "settle by webhook",
        Stage.paid,
        lambda stage: stage.engine.webhook(stage.charge_id, SOON),
        ("purchase", "bonus"),
        450,
    ),
    Scenario(
        "settle by webhook what repays a debt",
        _paid_in_debt,
        lambda stage: stage.engine.webhook(stage.charge_id, SOON),
        ("purchase", "bonus", "debt_repaid"),
        225,
    ),
    Scenario(
        "settle by reconciler",
        Stage.paid,
        lambda stage: stage.engine.awaiting.reconcile(stage.purchase, NOW + WINDOW),
        ("purchase", "bonus"),
        450,
    ),
    Scenario(
        "settle by compensation",
        Stage.paid,
        lambda stage: stage.engine.compensation.compensate(stage.purchase, ERROR, SOON),
        ("purchase", "bonus"),
        450,
    ),
    Scenario(
        "charge a card and settle", _unpaid_card, _charge_the_card, ("purchase", "bonus"), 450
    ),
    Scenario(
        "take back by webhook what is spent already",
        _returned_after_spending,
        lambda stage: stage.engine.webhook(stage.charge_id, SOON),
        ("clawback",),
        0,
    ),
    Scenario(
        "take back what a lost dispute undid",
        _disputed_and_lost,
        lambda stage: stage.engine.webhook(stage.charge_id, SOON),
        ("clawback",),
        0,
    ),
    Scenario(
        "refund half of a card's payment",
        lambda stage: stage.settled(CARD),
        lambda stage: stage.engine.refund(stage.refund_order(), SOON),
        ("reserve", "capture"),
        225,
    ),
)
