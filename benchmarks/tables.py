"""Tables of figures, as text for a terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

NOT_MEASURED: Final = "-"


@dataclass(frozen=True)
class Table:
    """What one measurement found.

    Parameters
    ----------
    key
        What the document's markers call it.
    title
        What it shows.
    columns
        Headings; the first column names the rows.
    rows
        The cells as they are shown.
    note
        What a reader must know before believing it.
    """

    key: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""

    def noting(self, more: str) -> Self:
        """Add a sentence to the note."""
        return replace(self, note=" ".join(filter(None, (self.note, more))))

    def text(self) -> str:
        """Write it for a terminal."""
        lines = [self.columns, *self.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        body = [
            "  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
            for line in lines
        ]
        note = [f"  {self.note}"] if self.note else []
        return "\n".join([self.title, *(line.rstrip() for line in body), *note])

    def markdown(self) -> str:
        """Write it for a document."""
        dashes = ["---", *("---:" for _ in self.columns[1:])]
        lines = [self.columns, dashes, *self.rows]
        body = [f"| {' | '.join(map(_escaped, line))} |" for line in lines]
        note = ["", self.note] if self.note else []
        return "\n".join([f"**{self.title}**", "", *body, *note])


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|")
