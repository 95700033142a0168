"""One part of the reconciliation of Omise's charges with our purchases.

Input: `{"position": <where to go on, absent at the start>}`. Output: `position`, null after the
last part, and `report`, the key of the readable report in the reports bucket, null until then. The
state machine calls it until the position is null; a part that fails is done again.

Walked through, each in pages: the charges that Omise made in the last days (by the purchase that
their metadata names); the charges, however old, that Omise's events say were refunded or disputed
in that time; and the purchases that were opened in that time. Each difference is logged, counted in
the metric `ReconciliationDifferences`, which the alarm listens to, and listed in the report.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from billing.adapters.ledger_store import LedgerStore
from billing.adapters.omise_charges import OmiseCharges
from billing.adapters.purchase_store import PurchaseStore
from billing.adapters.report_store import ReportStore
from billing.adapters.secrets import OmiseSecretReader
from billing.reconciliation.position import Phase, Position
from billing.reconciliation.reconciling import Reconciling
from billing.reconciliation.report import Report, part_document
from billing.settlement import Settlement
from billing.steps import retried_by_name
from kernel import clock, settings
from kernel.observability import begin, logger

Event = Mapping[str, Any]
Answer = dict[str, object]


@dataclass(frozen=True)
class Settings:
    """What this function is told by its environment."""

    billing_table_name: str
    omise_secret_arn: str
    reports_bucket_name: str
    reconciliation_days: int
    reconciliation_grace_seconds: int


def reconciling(given: Settings) -> Reconciling:
    """Wire the use case."""
    purchases = PurchaseStore(given.billing_table_name)
    return Reconciling(
        purchases,
        OmiseCharges(OmiseSecretReader(given.omise_secret_arn).current),
        Settlement(LedgerStore(given.billing_table_name), purchases),
        timedelta(seconds=given.reconciliation_grace_seconds),
    )


def part_handler(
    use_case: Reconciling, reports: ReportStore, days: int
) -> Callable[[Event, object], Answer]:
    """Make the Lambda handler that does one part per invocation."""

    def handler(event: Event, _context: object) -> Answer:
        given = event.get("position")
        position = Position.read(given) if given else Position.begin(clock.now(), days)
        begin(position.run)
        if position.phase is Phase.REPORT:
            return retried_by_name(lambda: _reported(reports, position))
        following = retried_by_name(lambda: _done(use_case, reports, position))
        return {"position": following.document(), "report": None}

    return handler


def _done(use_case: Reconciling, reports: ReportStore, position: Position) -> Position:
    part = use_case.part(position, clock.now())
    document = part_document(position.phase, part.checked, part.differences)
    reports.put_part(position.run, position.part, document)
    logger.info(
        "books compared",
        extra={"phase": position.phase, "part": position.part, "checked": part.checked},
    )
    return part.following


def _reported(reports: ReportStore, position: Position) -> Answer:
    report = Report.of_parts(position, reports.parts(position.run, position.part - 1))
    key = reports.put_report(position.run, report.document(), report.markdown())
    logger.info("reconciled", extra={"differences": report.difference_count, "report": key})
    return {"position": None, "report": key}


_settings: Final = settings.read(Settings)
handler: Final = part_handler(
    reconciling(_settings),
    ReportStore(_settings.reports_bucket_name),
    _settings.reconciliation_days,
)
