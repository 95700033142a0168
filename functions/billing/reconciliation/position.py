"""Where a reconciliation is: what it is about, and which part comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from kernel.clock import parse_rfc3339, rfc3339


class Phase(StrEnum):
    """What is walked through, in this order."""

    CHARGES = "charges"
    RETURNS = "returns"
    PURCHASES = "purchases"
    REPORT = "report"


_NEXT = {
    Phase.CHARGES: Phase.RETURNS,
    Phase.RETURNS: Phase.PURCHASES,
    Phase.PURCHASES: Phase.REPORT,
}


@dataclass(frozen=True, slots=True)
class Position:
    """One part of one run.

    `since` and `until` bound the run: both stay as they were at its beginning, so that pages do
    not shift while charges are made. `offset` counts in Omise's lists, `after` is a key of ours.
    """

    run: str
    since: datetime
    until: datetime
    phase: Phase = Phase.CHARGES
    part: int = 1
    offset: int = 0
    after: Mapping[str, str] | None = None

    @classmethod
    def begin(cls, now: datetime, days: int) -> Position:
        """Start a run about the last days, named after its time."""
        until = now.replace(microsecond=0)
        return cls(until.strftime("%Y-%m-%dT%H-%M-%SZ"), until - timedelta(days=days), until)

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> Position:
        """Read what `document` wrote."""
        return cls(
            value["run"],
            parse_rfc3339(value["since"]),
            parse_rfc3339(value["until"]),
            Phase(value["phase"]),
            int(value["part"]),
            int(value["offset"]),
            value["after"],
        )

    def document(self) -> dict[str, object]:
        """Return the position as plain values, for the state machine to carry."""
        return {
            "run": self.run,
            "since": rfc3339(self.since),
            "until": rfc3339(self.until),
            "phase": self.phase,
            "part": self.part,
            "offset": self.offset,
            "after": self.after and dict(self.after),
        }

    def further(self, *, offset: int = 0, after: Mapping[str, str] | None = None) -> Position:
        """Go on in the same phase."""
        return replace(self, part=self.part + 1, offset=offset, after=after)

    def next_phase(self) -> Position:
        """Go on with the next phase."""
        return replace(self, part=self.part + 1, offset=0, after=None, phase=_NEXT[self.phase])
