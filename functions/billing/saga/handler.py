"""The steps of the purchase state machine, one function for all of them.

Input of every step: `{"step", "purchase_id", "correlation_id"}` and what is named below.
Output of every step but `await_payment`: `{"outcome": "<one of those named>"}`.

====================  ======================  ====================================================
step                  further input           outcome → what follows
====================  ======================  ====================================================
`create_charge`                               `pending` → the first `await_payment`;
                                              `paid` → `settle`;
                                              `unknown` → wait, then `find_charge`, look 1;
                                              `completed`, `failed`, `expired` → end;
                                              retries used up → `give_up`
`give_up`                                     `failed` → end; anything else as of `create_charge`
`find_charge`         `look`: 1 to 3, a       `pending`, `paid`, `completed`, `failed`, `expired`
                      constant of the state   → as above;
                                              `absent` → wait longer, then the next look (never the
                                              outcome of look 3);
                                              `retry` → `create_charge` again
`await_payment`       `task_token`            waits for the token, which is answered with
(`waitForTaskToken`)                          `{"outcome"}`: `completed`, `failed`, `expired` → end.
                                              `States.Timeout` → `reconcile`
`reconcile`                                   `pending` → the next `await_payment`, the last one
                                              again and again;
                                              `completed`, `failed`, `expired` → end
`settle`                                      the same step and outcomes as `reconcile`
`compensate`          `error`: what the       `completed` → end;
                      catch gave (optional)   `failed`, `expired`, `stuck` → fail state
====================  ======================  ====================================================

`create_charge` is reached at most three times: attempts whose answer got lost are counted on the
purchase, and the step itself ends the purchase as `failed` when they are used up. A call that
certainly did nothing does not count: the state machine's retries bound those, and `give_up` ends
the purchase. `reconcile` ends the loop: after the charge's expiry it expires the charge at Omise,
and three days later it raises `PaymentUnresolvedError`.

Errors by class name. Retry, with backoff and jitter: `TemporarilyUnavailableError` (Omise or AWS
did not answer, or two writers met; every step may be repeated safely), and Lambda's own, a step's
time-out included. Everything else, and a retry that is used up: catch, `compensate`, fail.
`compensate` emits the metric `PurchaseStuck` that the alarm listens to.

Time-outs: one call to Omise that changes something takes up to 28 s, a read with its retries up to
27 s, looking for a charge up to 87 s. The function's time-out is 90 s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from billing.adapters import saga_signals
from billing.adapters.ledger_store import LedgerStore
from billing.adapters.omise_charges import OmiseCharges
from billing.adapters.purchase_store import PurchaseStore
from billing.adapters.secrets import OmiseSecretReader
from billing.domain.step_outcome import StepOutcome
from billing.saga.awaiting import Awaiting
from billing.saga.charging import Charging
from billing.saga.compensation import Compensation
from billing.settlement import Settlement
from billing.steps import retried_by_name
from kernel import clock, settings
from kernel.observability import begin, logger

Event = Mapping[str, Any]
Step = Callable[[Event], StepOutcome | None]


@dataclass(frozen=True)
class Settings:
    """What this function is told by its environment."""

    billing_table_name: str
    omise_secret_arn: str
    payment_expiry_seconds: int


def steps(given: Settings) -> Mapping[str, Step]:
    """Wire the steps, by name."""
    purchases = PurchaseStore(given.billing_table_name)
    charges = OmiseCharges(OmiseSecretReader(given.omise_secret_arn).current)
    settlement = Settlement(LedgerStore(given.billing_table_name), purchases)
    window = timedelta(seconds=given.payment_expiry_seconds)
    charging = Charging(purchases, charges, settlement, window)
    awaiting = Awaiting(purchases, charges, settlement, saga_signals.signal)
    return steps_of(charging, awaiting, Compensation(purchases, charges, settlement))


def steps_of(
    charging: Charging, awaiting: Awaiting, compensation: Compensation
) -> Mapping[str, Step]:
    """Name the steps of three use cases."""

    def reconcile(event: Event) -> StepOutcome:
        return awaiting.reconcile(event["purchase_id"], clock.now())

    return {
        "create_charge": lambda e: charging.create_charge(e["purchase_id"], clock.now()),
        "give_up": lambda e: charging.give_up(e["purchase_id"], clock.now()),
        "find_charge": lambda e: charging.find_charge(e["purchase_id"], e["look"], clock.now()),
        "await_payment": lambda e: awaiting.await_payment(e["purchase_id"], e["task_token"]),
        "reconcile": reconcile,
        "settle": reconcile,
        "compensate": lambda e: compensation.compensate(
            e["purchase_id"], e.get("error"), clock.now()
        ),
    }


def step_handler(steps: Mapping[str, Step]) -> Callable[[Event, object], dict[str, str]]:
    """Make the Lambda handler that runs one step per invocation."""

    def handler(event: Event, _context: object) -> dict[str, str]:
        begin(event["correlation_id"], purchase_id=event["purchase_id"])
        outcome = retried_by_name(lambda: steps[event["step"]](event))
        logger.info("step", extra={"step": event["step"], "outcome": outcome})
        return {} if outcome is None else {"outcome": outcome.value}

    return handler


handler: Final = step_handler(steps(settings.read(Settings)))
