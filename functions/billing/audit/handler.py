"""One part of the audit.

Input: `{"position": <where to go on, absent at the start>}`. Output: `accounts`, `entries`,
`finding_count`, up to 100 `findings` (`user_id`, `entry_no`, `problem`), and `position`, null after
the last part. The audit's state machine calls it until then; each finding is logged and counted in
the metric `LedgerFindings`, which the alarm listens to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from billing.adapters.ledger_walk import LedgerWalk
from billing.audit.auditing import audit
from kernel import settings
from kernel.observability import count, logger


@dataclass(frozen=True, slots=True)
class Settings:
    """What the deployment tells this function."""

    billing_table_name: str


_LEDGERS = LedgerWalk(settings.read(Settings).billing_table_name)


def handler(event: dict[str, Any], _context: object) -> dict[str, object]:
    """Verify one part of all ledgers."""
    part = _LEDGERS.users(event.get("position"))
    report = audit(_LEDGERS, part.user_ids)
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
    return {**report.document(), "position": part.position}
