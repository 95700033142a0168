"""The report of a reconciliation: one document for programs, one for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from billing.domain.reconciliation import Difference
from billing.reconciliation.position import Position
from kernel.clock import rfc3339

MAX_LISTED: Final = 1_000

Json = dict[str, Any]


@dataclass
class Report:
    """What a whole run came to; at most 1,000 differences are listed, all are counted.

    Parameters
    ----------
    position
        The run.
    """

    position: Position
    checked: dict[str, int] = field(default_factory=dict)
    differences: list[Json] = field(default_factory=list)
    difference_count: int = 0
    healed_count: int = 0

    @classmethod
    def of_parts(cls, position: Position, parts: Iterable[Json]) -> Report:
        """Put the documents of all parts together."""
        report = cls(position)
        for part in parts:
            phase = part["phase"]
            report.checked[phase] = report.checked.get(phase, 0) + part["checked"]
            report.difference_count += len(part["differences"])
            report.healed_count += sum(one["is_healed"] for one in part["differences"])
            left = MAX_LISTED - len(report.differences)
            report.differences += part["differences"][:left]
        return report

    def document(self) -> Json:
        """Return the report as plain values."""
        return {
            "run": self.position.run,
            "since": rfc3339(self.position.since),
            "until": rfc3339(self.position.until),
            "checked": self.checked,
            "difference_count": self.difference_count,
            "healed_count": self.healed_count,
            "differences": self.differences,
        }

    def markdown(self) -> str:
        """Return the report as a page."""
        checked = ", ".join(f"{number} {phase}" for phase, number in self.checked.items())
        left = self.difference_count - self.healed_count
        lines = [
            f"# Reconciliation {self.position.run}",
            "",
            f"From {rfc3339(self.position.since)} to {rfc3339(self.position.until)}.",
            f"Compared: {checked}.",
            "",
            f"**{_counted(self.difference_count)}, {self.healed_count} healed, {left} left.**",
            "",
            *_table(self.differences),
        ]
        return "\n".join(lines)


def part_document(phase: str, checked: int, differences: Sequence[Difference]) -> Json:
    """Return what one part found, as plain values."""
    return {
        "phase": phase,
        "checked": checked,
        "differences": [asdict(difference) for difference in differences],
    }


def _counted(number: int) -> str:
    return f"{number} difference{'' if number == 1 else 's'}"


def _table(differences: Sequence[Json]) -> list[str]:
    if not differences:
        return ["The books agree.", ""]
    head = ["| kind | charge | purchase | what | healed |", "| --- | --- | --- | --- | --- |"]
    return [*head, *map(_row, differences), ""]


def _row(difference: Json) -> str:
    cells = (
        difference["kind"],
        difference["charge_id"] or "",
        difference["purchase_id"] or "",
        difference["detail"],
        "yes" if difference["is_healed"] else "**no**",
    )
    return f"| {' | '.join(cells)} |"
