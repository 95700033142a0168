"""Figures that tests come to: shown at the end of a run, and kept for docs/reliability.md."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

Figure = int | float | str


@dataclass
class Figures:
    """Named figures in the order that they came."""

    values: dict[str, Figure] = field(default_factory=dict)

    def note(self, name: str, value: Figure) -> None:
        """Keep a figure under a name that a reader understands."""
        self.values[name] = value

    def lines(self) -> list[str]:
        """Return one line per figure."""
        return [f"{name}: {value}" for name, value in self.values.items()]

    def keep(self) -> None:
        """Write them where `RELIABILITY_FIGURES` says, if it does; what is there stays."""
        target = os.environ.get("RELIABILITY_FIGURES")
        if target is None or not self.values:
            return
        path = Path(target)
        known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({**known, **self.values}, indent=2) + "\n", encoding="utf-8")
