"""The steps of an operator's refund, one function for all of them.

The state machine's input is `{"purchase_id", "amount", "operator", "reason", "force"}`: `amount` in
satang or `"all"`, `force` optional. The execution's name is the request id: the same name again is
the same refund, and so is a further execution of it, after one that was lost (`req_…-2`). Input of
every step: `{"step", "purchase_id", "correlation_id", "request_id"}` and what is named below.
Output: `{"outcome", "reason"}`; `reason` says why a refund is refused, and is null otherwise.

==============  ========================  ========================================================
step            further input             outcome → what follows
==============  ========================  ========================================================
`reserve`       `request`: the            `reserved` → `refund`;
                execution's input         `captured`, `refused` → end
`refund`                                  `refunded` → `capture`;
                                          `unknown` → wait, then `find_refund`, look 1;
                                          `refused` → `release`; `captured` → end
`find_refund`   `look`: 1 to 3, a         `refunded` → `capture`;
                constant of the state     `absent` → wait longer, then the next look (never the
                                          outcome of look 3);
                                          `retry` → `refund` again; `captured`, `refused` → end
`capture`                                 `captured` → end
`release`       `reason`: of the refusal  `refused`, `captured` → end
==============  ========================  ========================================================

`refund` asks Omise three times at the most: the attempts are counted, and the step refuses when
they are used up.

Reasons: `invalid_request`, `purchase_not_found`, `promptpay` (it cannot be refunded through Omise),
`not_completed`, `disputed`, `already_refunded`, `refund_under_way`, `too_many_refunds`,
`amount_too_large`, `credits_spent` (and nobody forces it), `refused_by_omise`,
`provider_unavailable` (it did not answer, and certainly made no refund).

Errors by class name: `TemporarilyUnavailableError` and Lambda's own are retried. Everything else,
and a retry that is used up, fails the execution, which raises an alarm: the credits stay set aside
until somebody has looked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from billing.adapters.ledger_store import LedgerStore
from billing.adapters.omise_charges import OmiseCharges
from billing.adapters.purchase_store import PurchaseStore
from billing.adapters.secrets import OmiseSecretReader
from billing.domain.operator_refund import RefundRefusedError
from billing.refund.outcomes import RefundOutcome
from billing.refund.refunding import Refunding
from billing.refund.request import order_of
from billing.refund.reserving import Reserving
from billing.settlement import Settlement
from billing.steps import retried_by_name
from kernel import clock, settings
from kernel.ids import is_id
from kernel.observability import begin, logger
from kernel.sagas.executions import item_id_of

Event = Mapping[str, Any]
Step = Callable[[Event], RefundOutcome]
Answer = dict[str, str | None]

REFUSED_BY_OMISE: Final = "refused_by_omise"


@dataclass(frozen=True)
class Settings:
    """What this function is told by its environment."""

    billing_table_name: str
    omise_secret_arn: str


def steps(given: Settings) -> Mapping[str, Step]:
    """Wire the steps, by name."""
    ledger = LedgerStore(given.billing_table_name)
    purchases = PurchaseStore(given.billing_table_name)
    charges = OmiseCharges(OmiseSecretReader(given.omise_secret_arn).current)
    settlement = Settlement(ledger, purchases)
    return steps_of(
        Reserving(ledger, purchases, charges, settlement),
        Refunding(purchases, charges, settlement),
    )


def steps_of(reserving: Reserving, refunding: Refunding) -> Mapping[str, Step]:
    """Name the steps of two use cases."""
    return {
        "reserve": lambda e: reserving.reserve(
            order_of(e["request_id"], e["request"]), clock.now()
        ),
        "refund": lambda e: refunding.refund(e["purchase_id"], e["request_id"], clock.now()),
        "find_refund": lambda e: refunding.find_refund(
            e["purchase_id"], e["request_id"], e["look"], clock.now()
        ),
        "capture": lambda e: refunding.capture(e["purchase_id"], e["request_id"], clock.now()),
        "release": lambda e: reserving.release(e["purchase_id"], e["request_id"], clock.now()),
    }


def step_handler(steps: Mapping[str, Step]) -> Callable[[Event, object], Answer]:
    """Make the Lambda handler that runs one step per invocation."""

    def handler(event: Event, _context: object) -> Answer:
        event = {**event, "request_id": _request_id_of(event["request_id"])}
        begin(event["correlation_id"], purchase_id=event["purchase_id"])
        answer = _answer(steps[event["step"]], event)
        keys = {name: event[name] for name in ("step", "request_id")}
        logger.info("refund step", extra={**keys, **answer})
        return answer

    return handler


def _request_id_of(execution: str) -> str:
    """Read an operator's request id out of the name of an execution, which may be a further one."""
    item_id = item_id_of(execution)
    return item_id if is_id("req", item_id) else execution


def _answer(step: Step, event: Event) -> Answer:
    try:
        outcome = retried_by_name(lambda: step(event))
    except RefundRefusedError as refusal:
        return {"outcome": RefundOutcome.REFUSED.value, "reason": refusal.reason}
    if outcome is not RefundOutcome.REFUSED:
        return {"outcome": outcome.value, "reason": None}
    return {"outcome": outcome.value, "reason": event.get("reason") or REFUSED_BY_OMISE}


handler: Final = step_handler(steps(settings.read(Settings)))
