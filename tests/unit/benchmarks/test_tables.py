"""What becomes of figures: a table for the terminal and one for the document."""

from __future__ import annotations

import pytest

from benchmarks.document import MarkersMissingError, with_tables
from benchmarks.tables import Table

TABLE = Table(
    "cold", "Cold starts", ("function", "ratio"), [["a|b", "1.00"], ["c", "12.00"]], "So."
)
DOCUMENT = """# Performance

Prose.

<!-- bench:cold -->
stale
<!-- /bench:cold -->

More prose.

<!-- bench:warm -->
kept
<!-- /bench:warm -->
"""


def test_a_table_for_the_terminal_has_its_columns_aligned() -> None:
    """Every column is as wide as its widest cell."""
    assert TABLE.text().splitlines() == [
        "Cold starts",
        "  function  ratio",
        "  a|b       1.00",
        "  c         12.00",
        "  So.",
    ]


def test_a_table_for_the_document_is_markdown() -> None:
    """Figures are aligned to the right, and a bar in a name does not end its cell."""
    assert TABLE.noting("Today.").markdown().splitlines() == [
        "**Cold starts**",
        "",
        "| function | ratio |",
        "| --- | ---: |",
        "| a\\|b | 1.00 |",
        "| c | 12.00 |",
        "",
        "So. Today.",
    ]


def test_only_what_is_between_a_tables_markers_changes() -> None:
    """Prose and the places of other tables stay as they are, however often it is written."""
    once = with_tables(DOCUMENT, [TABLE])
    assert TABLE.markdown() in once
    assert "stale" not in once
    assert once.replace(f"\n{TABLE.markdown()}\n", "\nstale\n") == DOCUMENT
    assert with_tables(once, [TABLE]) == once


def test_a_table_without_a_place_is_an_error() -> None:
    """A figure must not get lost silently."""
    with pytest.raises(MarkersMissingError, match="bench:cold"):
        with_tables("# Performance\n", [TABLE])
