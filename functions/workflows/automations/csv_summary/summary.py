"""Summarises a CSV text (RFC 4180), row by row."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any, Final

from workflows.automations.csv_summary.columns import MAX_TEXT_LENGTH, Column
from workflows.automations.csv_summary.dialect import sniff
from workflows.automations.verdict import AutomationFailed

MAX_CHARACTERS: Final = 1024 * 1024
MAX_COLUMNS: Final = 1000
_BYTE_ORDER_MARK: Final = "\ufeff"

Row = list[str]


def summarise(
    text: str, *, delimiter: str | None = None, has_header: bool = True
) -> dict[str, Any]:
    """Count the rows and describe the columns.

    Empty lines count for nothing. A row that is shorter than others misses its last cells; one
    that is longer makes new columns, which earlier rows miss.

    Parameters
    ----------
    text
        The CSV text, with any line ends, with or without a byte order mark.
    delimiter
        What separates the columns; found out when None.
    has_header
        Whether the first row names the columns.

    Returns
    -------
    dict
        `{"rows", "columns": [{"name", "type", "count", "missing", "distinct", "min", "max",
        "mean"}]}`.

    Raises
    ------
    AutomationFailed
        `invalid_csv`, if the text is none or beyond the bounds.
    """
    rows = _rows(text.removeprefix(_BYTE_ORDER_MARK), delimiter)
    first = next(rows, None)
    if first is None:
        raise invalid_csv("there is no row in it")
    table = _Table(first if has_header else [])
    if not has_header:
        table.add(first)
    for row in rows:
        table.add(row)
    return {"rows": table.rows, "columns": [column.summary(table.rows) for column in table.columns]}


def invalid_csv(reason: str) -> AutomationFailed:
    """Make the verdict that a text is no CSV."""
    return AutomationFailed("invalid_csv", f"The text is not valid CSV: {reason}.")


class _Table:
    """The columns so far."""

    def __init__(self, header: Row) -> None:
        self.rows = 0
        self.columns: list[Column] = []
        self._widen(header, len(header))

    def add(self, row: Row) -> None:
        self._widen([], len(row))
        for column, cell in zip(self.columns, row, strict=False):
            column.add(cell)
        self.rows += 1

    def _widen(self, header: Row, width: int) -> None:
        if width > MAX_COLUMNS:
            raise invalid_csv(f"it has more than {MAX_COLUMNS} columns")
        for index in range(len(self.columns), width):
            name = header[index].strip()[:MAX_TEXT_LENGTH] if index < len(header) else ""
            self.columns.append(Column(name or f"column_{index + 1}"))


def _rows(text: str, delimiter: str | None) -> Iterator[Row]:
    """Read row by row, skipping empty lines."""
    if len(text) > MAX_CHARACTERS:
        raise invalid_csv(f"it is longer than {MAX_CHARACTERS} characters")
    if "\x00" in text:
        raise invalid_csv("it holds a NUL character")
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter or sniff(text), strict=True)
    try:
        for row in reader:
            if len(row) > 1 or any(cell.strip() for cell in row):
                yield row
    except csv.Error as error:
        raise invalid_csv(f"line {reader.line_num}: {error}") from None
