"""Walks all ledgers, part by part, and verifies each from its first entry."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Final, Protocol

from billing.domain.account import LedgerInvariantError
from billing.domain.entry import Entry
from billing.domain.verification import Finding, Verifier

MAX_FINDINGS: Final = 100


@dataclass(frozen=True, slots=True)
class LedgerPart:
    """Some of the accounts; `position` leads to the next part, None after the last."""

    user_ids: tuple[str, ...]
    position: str | None


class Ledgers(Protocol):
    """Where ledgers are read from."""

    def users(self, position: str | None) -> LedgerPart:
        """List the users of a part of the ledgers."""
        ...

    def history(self, user_id: str) -> Iterable[Entry]:
        """Read a whole ledger, oldest entry first."""
        ...


@dataclass
class Report:
    """What an audit of some parts came to; at most 100 findings are listed."""

    accounts: int = 0
    entries: int = 0
    findings: list[Finding] = field(default_factory=list)

    def add(self, other: Report) -> None:
        """Take over what another part came to."""
        self.accounts += other.accounts
        self.entries += other.entries
        self.findings += other.findings

    def document(self) -> dict[str, object]:
        """Return the report as plain values."""
        return {
            "accounts": self.accounts,
            "entries": self.entries,
            "finding_count": len(self.findings),
            "findings": [asdict(finding) for finding in self.findings[:MAX_FINDINGS]],
        }


def audit_from(
    ledgers: Ledgers, position: str | None, most_parts: int, may_go_on: Callable[[], bool]
) -> tuple[Report, str | None]:
    """Verify part after part of all ledgers.

    Parameters
    ----------
    ledgers
        Where they are read from.
    position
        Where the first part begins; None is the beginning of all.
    most_parts
        How many parts there may be, at least one.
    may_go_on
        Tells after each part whether there is time for another one.

    Returns
    -------
    tuple[Report, str | None]
        What they came to, and where to go on; None after the last part.
    """
    report = Report()
    for _ in range(most_parts):
        part = ledgers.users(position)
        report.add(audit(ledgers, part.user_ids))
        position = part.position
        if position is None or not may_go_on():
            break
    return report, position


def audit(ledgers: Ledgers, user_ids: Iterable[str]) -> Report:
    """Verify some users' ledgers."""
    report = Report()
    for user_id in user_ids:
        verifier = Verifier(user_id)
        entry_count = _walk(verifier, ledgers.history(user_id))
        report.accounts += 1
        report.entries += entry_count
        report.findings += verifier.findings
    return report


def _walk(verifier: Verifier, entries: Iterable[Entry]) -> int:
    """Check entry by entry; one that cannot even be read is a finding, not a failure."""
    count = 0
    try:
        for entry in entries:
            verifier.check(entry)
            count += 1
    except (LedgerInvariantError, ValueError, KeyError, IndexError, TypeError) as error:
        problem = f"cannot be read: {type(error).__name__}"
        verifier.findings.append(Finding(verifier.user_id, count + 1, problem))
    return count
