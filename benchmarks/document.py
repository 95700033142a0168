"""Puts tables into a document whose prose is written by hand, each between two markers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from benchmarks.tables import Table


class MarkersMissingError(Exception):
    """The document has no place for a table."""


def with_tables(document: str, tables: Iterable[Table]) -> str:
    """Replace what stands between the markers of some tables; everything else stays as it is.

    Parameters
    ----------
    document
        Markdown with `<!-- bench:key -->` and `<!-- /bench:key -->` around each table's place.
    tables
        What to put there; the places of others are not touched.

    Raises
    ------
    MarkersMissingError
        If a table has no place.
    """
    for table in tables:
        document = _with_table(document, table)
    return document


def write_tables(path: Path, tables: Iterable[Table]) -> None:
    """Bring the tables of a file up to date."""
    path.write_text(with_tables(path.read_text(encoding="utf-8"), tables), encoding="utf-8")


def _with_table(document: str, table: Table) -> str:
    begin, end = f"<!-- bench:{table.key} -->", f"<!-- /bench:{table.key} -->"
    place = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not place.search(document):
        raise MarkersMissingError(f"{begin} … {end}")
    return place.sub(lambda _: f"{begin}\n{table.markdown()}\n{end}", document, count=1)
