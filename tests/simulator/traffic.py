"""What users, Omise and Step Functions do to the engine: operations that chance chooses from."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from billing.adapters.purchase_store import PurchaseChangedError
from billing.domain.charge import Card, ChargeStatus
from billing.domain.operator_refund import RefundOrder, RefundRefusedError
from billing.domain.webhook_signature import WebhookRejectedError
from billing.purchase.buying import Buyer
from billing.saga.charging import LOOKS
from kernel.errors import DomainError
from tests.simulator.engine import CHEAP, DEAR, PACKAGES, Engine
from tests.simulator.faults import KilledError
from tests.simulator.truth import expect
from workflows.domain.run import RunRequest
from workflows.use_cases.edit_workflows import Edit

NO_PURCHASE: Final = "pur_0000000000000000000000none"
NO_RUN: Final = "run_0000000000000000000000none"
FOCUS: Final = 0.7
STORMS: Final = 0.2
LATEST: Final = 6
START: Final = datetime(2026, 1, 1, tzinfo=UTC)
ERROR: Final = {"Error": "States.TaskFailed", "Cause": "broken"}
USERS: Final = 3
_RETURN_URI: Final = "https://example.com/back"
# What may end an operation without being anyone's mistake; whoever asked asks again, or not.
EXPECTED: Final = (
    KilledError,
    DomainError,
    PurchaseChangedError,
    RefundRefusedError,
    WebhookRejectedError,
)

Act = Callable[[], None]


@dataclass
class Traffic:
    """The world outside of the engine, and what it has been told.

    Parameters
    ----------
    chance
        Decides everything.
    fresh_engine
        Starts the functions anew, as Lambda does whenever it likes.
    many_runs
        Whether users at times start several runs on one account at once.
    """

    chance: random.Random
    fresh_engine: Callable[[], Engine]
    many_runs: bool = False
    now: datetime = START
    purchases: list[str] = field(default_factory=list)
    requests: list[RunRequest] = field(default_factory=list)
    orders: dict[str, RefundOrder] = field(default_factory=dict)
    accepted: dict[str, int] = field(default_factory=dict)
    in_saga: set[str] = field(default_factory=set)
    purchase_in_focus: str = NO_PURCHASE
    run_in_focus: str = NO_RUN
    done: Counter[str] = field(default_factory=Counter)
    serial: int = 0

    def prepare(self) -> None:
        """Give every user a cheap and a dear workflow, and the first of them some credits."""
        engine = self.fresh_engine()
        for number in range(USERS):
            for automation in (CHEAP, DEAR):
                engine.add_workflow(
                    _workflow(number, automation.id), _user(number), automation.id, START
                )
        engine.give(_user(0), 300, START, START + timedelta(days=2))

    def acts(self) -> list[Act]:
        """Choose one to four operations that happen at the same time, at times all of one kind."""
        self.in_saga.clear()
        self.purchase_in_focus = self._waiting_for_payment()
        self.run_in_focus = self._latest([request.run_id for request in self.requests]) or NO_RUN
        count = self.chance.choice((1, 1, 2, 3, 4))
        if self.chance.random() < STORMS:
            storm = self.chance.choice(self._storms)
            chosen = [self.chance.choice(storm) for _ in range(count)]
        else:
            chosen = self.chance.choices(
                [c for _, c in self._all], [w for w, _ in self._all], k=count
            )
        return [self._tolerant(choose.__name__.strip("_"), choose()) for choose in chosen]

    def time_passes(self) -> None:
        """Let some time pass: mostly little, now and then weeks, and clocks may go back a bit."""
        seconds = self.chance.choice((-2, 0, 0, 1, 30, 3_600, 90_000, 700_000))
        self.now += timedelta(seconds=seconds)

    @property
    def _all(self) -> Sequence[tuple[int, Callable[[], Act]]]:
        """All operations, with how often they come up."""
        return (
            (3, self._buy),
            (5, self._charge),
            (5, self._pay),
            (6, self._webhook),
            (2, self._reconcile),
            (1, self._compensate),
            (2, self._pay_back),
            (2, self._refund),
            (6, self._start_run),
            (3, self._repeat_run),
            (3, self._mark_running),
            (3, self._succeed),
            (4, self._fail),
            (1, self._edit_workflow),
            (1, self._promote),
        )

    @property
    def _storms(self) -> Sequence[Sequence[Callable[[], Act]]]:
        """All things of one kind that happen at the same time."""
        usual = ((self._pay_and_tell, self._reconcile), (self._fail, self._succeed))
        return (*usual, (self._run_again, self._repeat_run)) if self.many_runs else usual

    def _tolerant(self, name: str, act: Act) -> Act:
        def tolerated() -> None:
            try:
                act()
            except EXPECTED as error:
                self.done[f"{name}: {_name(error)}"] += 1
            else:
                self.done[name] += 1

        return tolerated

    # Purchases

    def _buy(self) -> Act:
        engine, now, key = self.fresh_engine(), self.now, self._key()
        package = self.chance.choice(sorted(PACKAGES))
        card = (
            Card(f"tokn_test_{key.replace('-', '')}", _RETURN_URI)
            if self.chance.random() < 0.3
            else None
        )
        buyer = Buyer(self._any_user(), key, f"cor-{key}")
        self.purchases.append(buyer.purchase_id)
        return lambda: _nothing(engine.buying.buy(buyer, package, card, 0, now))

    def _charge(self) -> Act:
        """Run a step of the saga that gets a charge, looking for it first where it may exist."""
        engine, now, purchase = self.fresh_engine(), self.now, self._purchase_in_saga()
        pays_at_once = self.chance.random() < 0.5

        def act() -> None:
            engine.omise.created_status = (
                ChargeStatus.SUCCESSFUL if pays_at_once else ChargeStatus.PENDING
            )
            outcome = str(engine.charging.create_charge(purchase, now))
            for look in range(1, LOOKS + 1):
                if outcome in {"unknown", "absent"}:
                    outcome = str(engine.charging.find_charge(purchase, look, now))

        return act

    def _pay(self) -> Act:
        """Let a buyer pay, if there is anything to pay; the engine is told later, or never."""
        ends = (ChargeStatus.SUCCESSFUL, ChargeStatus.FAILED, ChargeStatus.EXPIRED)
        return self._paid_by(self._any_purchase(), self.chance.choices(ends, (8, 1, 1))[0])

    def _paid_by(self, purchase: str, end: ChargeStatus) -> Act:
        engine = self.fresh_engine()

        def act() -> None:
            for charge in engine.omise.of_purchase(purchase):
                if charge.status is ChargeStatus.PENDING:
                    engine.omise.becomes(charge.id, end)

        return act

    def _webhook(self) -> Act:
        """Deliver a notice: the first one, a late one, one of many, one about nothing."""
        return self._told_about(self._any_purchase(), self.chance.choice((1, 1, 2)))

    def _told_about(self, purchase: str, times: int = 1) -> Act:
        engine, now = self.fresh_engine(), self.now

        def act() -> None:
            for charge in engine.omise.of_purchase(purchase) * times:
                engine.webhook(charge.id, now)

        return act

    def _pay_and_tell(self) -> Act:
        """Let the buyer pay and Omise tell at once, while others may be looking."""
        purchase = self.purchase_in_focus
        pay, tell = self._paid_by(purchase, ChargeStatus.SUCCESSFUL), self._told_about(purchase)

        def act() -> None:
            pay()
            tell()

        return act

    def _reconcile(self) -> Act:
        engine, now, purchase = self.fresh_engine(), self.now, self._purchase_in_saga()

        def act() -> None:
            stored = engine.purchases.get(purchase)
            if stored is not None and stored.payment is not None:
                engine.awaiting.await_payment(purchase, f"token-{purchase}")
                engine.awaiting.reconcile(purchase, now)

        return act

    def _compensate(self) -> Act:
        engine, now, purchase = self.fresh_engine(), self.now, self._purchase_in_saga()

        def act() -> None:
            stored = engine.purchases.get(purchase)
            if stored is not None and stored.payment is not None:
                engine.compensation.compensate(purchase, ERROR, now)

        return act

    def _pay_back(self) -> Act:
        """Let money go back at Omise, in part or whole; the engine is told later, or by others."""
        engine, purchase = self.fresh_engine(), self._any_purchase()
        amount = self.chance.choice((1, 5_000, 10**6))

        def act() -> None:
            for charge in engine.omise.of_purchase(purchase):
                if charge.is_paid:
                    engine.omise.pay_back(charge.id, amount)

        return act

    def _refund(self) -> Act:
        """Let an operator refund, or an order that did not come to its end go on."""
        engine, now, purchase = self.fresh_engine(), self.now, self._purchase_in_saga()
        amount = self.chance.choice((None, 3_000))
        order = RefundOrder(
            f"request-{purchase}-{self.chance.randrange(2)}",
            purchase,
            amount,
            "someone@example.com",
            "a test",
            force=self.chance.random() < 0.5,
        )
        return lambda: engine.refund(self.orders.setdefault(order.request_id, order), now)

    # Runs

    def _start_run(self) -> Act:
        number = self.chance.randrange(USERS)
        key = self._key()
        automation = self.chance.choice((CHEAP, CHEAP, DEAR))
        request = RunRequest(
            _user(number), _workflow(number, automation.id), key, None, f"cor-{key}"
        )
        self.requests.append(request)
        return self._started(request)

    def _run_again(self) -> Act:
        """Start a further run on the account of the latest request."""
        if not self.requests:
            return self._start_run()
        latest, key = self.requests[-1], self._key()
        request = replace(latest, idempotency_key=key, correlation_id=f"cor-{key}")
        self.requests.append(request)
        return self._started(request)

    def _repeat_run(self) -> Act:
        return (
            self._started(self.chance.choice(self.requests[-LATEST:]))
            if self.requests
            else _nothing
        )

    def _started(self, request: RunRequest) -> Act:
        engine, now = self.fresh_engine(), self.now

        def act() -> None:
            run = engine.start_run(request, now).run
            told = self.accepted.setdefault(run.id, run.balance_after)
            expect(told == run.balance_after, f"{run.id} was answered in two ways")

        return act

    def _mark_running(self) -> Act:
        engine, now, run_id = self.fresh_engine(), self.now, self._any_run()
        return lambda: _nothing(engine.run_saga.mark_running(run_id, now))

    def _succeed(self) -> Act:
        engine, now, run_id = self.fresh_engine(), self.now, self._any_run()
        return lambda: _nothing(engine.run_saga.mark_succeeded(run_id, {}, now))

    def _fail(self) -> Act:
        engine, now, run_id = self.fresh_engine(), self.now, self._any_run()
        return lambda: _nothing(engine.run_saga.give_back(run_id, ERROR, now))

    def _edit_workflow(self) -> Act:
        engine, now, key = self.fresh_engine(), self.now, self._key()
        number = self.chance.randrange(USERS)
        workflow = _workflow(number, CHEAP.id)
        edit = Edit(name=f"renamed {key}")
        return lambda: _nothing(
            engine.workflows.edit(_user(number), workflow, edit, expected=None, now=now)
        )

    def _promote(self) -> Act:
        engine, now, user = self.fresh_engine(), self.now, self._any_user()
        credits = self.chance.randint(1, 60)
        expiry = now + timedelta(days=self.chance.randint(1, 9))
        return lambda: engine.give(user, credits, now, expiry)

    # Choices

    def _key(self) -> str:
        self.serial += 1
        return f"key-{self.serial}"

    def _any_user(self) -> str:
        return _user(self.chance.randrange(USERS))

    def _any_purchase(self) -> str:
        """Choose mostly what others choose at the same time, so that things meet."""
        if self.chance.random() < FOCUS:
            return self.purchase_in_focus
        return self._latest(self.purchases) or NO_PURCHASE

    def _waiting_for_payment(self) -> str:
        """Choose a purchase whose charge waits to be paid, if there is any."""
        charges = self.fresh_engine().omise.charges.values()
        waiting = [c.purchase_id for c in charges if c.status is ChargeStatus.PENDING]
        chosen = self._latest([w for w in waiting if w] or self.purchases)
        return chosen or NO_PURCHASE

    def _purchase_in_saga(self) -> str:
        """Choose a purchase, unless a step of its saga runs already: Step Functions waits."""
        purchase = self._any_purchase()
        if purchase in self.in_saga:
            return NO_PURCHASE
        self.in_saga.add(purchase)
        return purchase

    def _any_run(self) -> str:
        if self.chance.random() < FOCUS:
            return self.run_in_focus
        return self._latest([request.run_id for request in self.requests]) or NO_RUN

    def _latest(self, ids: Sequence[str]) -> str | None:
        return self.chance.choice(ids[-LATEST:]) if ids else None


def _user(number: int) -> str:
    return f"usr_{number:026}"


def _workflow(number: int, automation_id: str) -> str:
    return f"wfl_{number:021}{automation_id:0<5}"


def _name(error: BaseException) -> str:
    return error.code if isinstance(error, DomainError) else type(error).__name__


def _nothing(_result: object = None) -> None:
    """Drop a result."""
