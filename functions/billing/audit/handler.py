"""Some parts of the audit: as many as fit into four minutes, but 50 at the most.

An execution of its state machine has a longest history, so it counts in calls of this function.

Input: `{"position": <where to go on, absent at the start>}`. Output: `accounts`, `entries`,
`finding_count`, up to 100 `findings` (`user_id`, `entry_no`, `problem`), and `position`, null after
the last part. The audit's state machine calls it until then; each finding is logged and counted in
the metric `LedgerFindings`, which the alarm listens to.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final

from billing.adapters.ledger_walk import LedgerWalk
from billing.audit.auditing import audit_from
from kernel import settings
from kernel.observability import count, logger

MOST_PARTS: Final = 50
# The last part has the rest of the function's ten minutes for itself.
LAST_PART_BEGINS_WITHIN_SECONDS: Final = 240.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What this function is told by its environment."""

    billing_table_name: str


_LEDGERS = LedgerWalk(settings.read(Settings).billing_table_name)


def handler(event: dict[str, Any], _context: object) -> dict[str, object]:
    """Verify some parts of all ledgers."""
    go_on_until = time.monotonic() + LAST_PART_BEGINS_WITHIN_SECONDS
    report, position = audit_from(
        _LEDGERS, event.get("position"), MOST_PARTS, lambda: time.monotonic() < go_on_until
    )
    for finding in report.findings:
        logger.error(
            "ledger finding",
            extra={
                "user_id": finding.user_id,
                "entry_no": finding.entry_no,
                "problem": finding.problem,
            },
        )
    count("LedgerFindings", len(report.findings))
    count("LedgerEntriesAudited", report.entries)
    logger.info("audited", extra={"accounts": report.accounts, "entries": report.entries})
    return {**report.document(), "position": position}
