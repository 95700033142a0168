"""What operators can ask of billing. Invoked directly, never by the API.

==========================  ======================================================================
operation                   parameters → result
==========================  ======================================================================
`show_account`              `user_id` → balance, held, debt, grants
`show_ledger`               `user_id`, `before`, `limit` → entries, newest first
`show_purchases`            `user_id` → the newest 20 purchases
`show_purchase`             `purchase_id` → the purchase, its dispute and refunds
`show_adjustment`           `adjustment_id` → the adjustment
`adjust`                    `adjustment_id`, `user_id`, `credits`, `reason`, `four_eyes` →
                            the adjustment, `applied`, or `requested` where two have to agree
`approve`, `reject`         `adjustment_id` (`reason`) → the adjustment
`refund`                    `request_id`, `purchase_id`, `amount`, `reason`, `force` → started
`refund_outcome`            `request_id` → `status`, `outcome`, `reason`
`reconcile`, `audit`,       `request_id`, `reason` → started
`replay`
`reconcile_outcome`,        `request_id` → `status` and what was found
`audit_outcome`,
`replay_outcome`
`show_log`                  `month`, `before`, `limit` → what operators did
==========================  ======================================================================

Event, answer and records: `kernel.operators.operations`. Refunds are made by their own state
machine (ADR 21), which gets the operator that AWS confirmed; this function has no keys of Omise's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from billing.adapters.adjustment_store import AdjustmentStore
from billing.adapters.ledger_store import LedgerStore
from billing.adapters.purchase_store import PurchaseStore
from billing.adapters.report_store import ReportStore
from billing.operations.acts import Acts
from billing.operations.adjusting import Adjusting
from billing.operations.documents import (
    audit_came_to,
    reconciliation_came_to,
    refund_came_to,
)
from billing.operations.looks import Looks
from kernel import settings
from kernel.operators.log import OperatorLog
from kernel.operators.operations import Act, Desk, Look, look_at_log
from kernel.operators.runs import OperatorRun, handled_before, run_operations
from kernel.sagas.step_functions import StateMachine


@dataclass(frozen=True)
class Settings:
    """What this function is told by its environment."""

    billing_table_name: str
    alone_limit_credits: int
    refund_state_machine_arn: str
    reconciliation_state_machine_arn: str
    audit_state_machine_arn: str
    sweep_state_machine_arn: str
    sweep_after_seconds: int
    reports_bucket_name: str


def operations(given: Settings, log: OperatorLog) -> Mapping[str, Look | Act]:
    """Wire the operations, by name."""
    ledger = LedgerStore(given.billing_table_name)
    purchases = PurchaseStore(given.billing_table_name)
    adjustments = AdjustmentStore(given.billing_table_name)
    adjusting = Adjusting(ledger, adjustments, log, given.alone_limit_credits)
    refunds = OperatorRun(StateMachine(given.refund_state_machine_arn), log, refund_came_to)
    return {
        **Looks(ledger, purchases, adjusting).operations(),
        **Acts(adjusting, refunds).operations(),
        **_runs(given, log),
        "show_log": look_at_log(log),
    }


def _runs(given: Settings, log: OperatorLog) -> dict[str, Act]:
    """Wire what runs by itself, too: the two nightly walks, and the sweep."""
    books = StateMachine(given.reconciliation_state_machine_arn)
    audit = StateMachine(given.audit_state_machine_arn)
    sweep = StateMachine(given.sweep_state_machine_arn)
    reported = partial(reconciliation_came_to, ReportStore(given.reports_bucket_name))
    handled = handled_before(timedelta(seconds=given.sweep_after_seconds))
    return {
        **run_operations("reconcile", OperatorRun(books, log, reported), {}),
        **run_operations("audit", OperatorRun(audit, log, partial(audit_came_to, audit)), {}),
        **run_operations("replay", OperatorRun(sweep, log, handled), {"position": None}),
    }


_settings: Final = settings.read(Settings)
_log: Final = OperatorLog(_settings.billing_table_name)
handler: Final = Desk(operations(_settings, _log), _log)
