"""docs/security.md names tests that exist, for everything that it says is met."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs/security.md").read_text(encoding="utf-8")
_TEST: Final = re.compile(r"^ *(?:async )?def (test_\w+)", re.MULTILINE)
_NAMED: Final = re.compile(r"`(test_\w+)`")
_LINK: Final = re.compile(r"\]\(([^)#]+)\)")
_SHOWN_BY: Final = "| shown by |"


def rows() -> list[str]:
    """List the rows of the tables that say what shows something."""
    found = []
    for table in PAGE.split("\n\n"):
        head, *lines = table.splitlines()
        if head.endswith(_SHOWN_BY):
            found += lines[1:]
    return found


def test_every_test_that_is_named_exists() -> None:
    """A test that was renamed is renamed there, too."""
    names = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in _TEST.findall(path.read_text(encoding="utf-8"))
    }
    assert set(_NAMED.findall(PAGE)) <= names


def test_everything_is_shown_by_a_test_or_is_the_operators() -> None:
    """No line of a table is only claimed."""
    assert len(rows()) > 25
    for row in rows():
        *_, shown_by, _ = row.split("|")
        assert _NAMED.search(shown_by) or "the operator's: " in shown_by, row


def test_every_page_that_is_linked_exists() -> None:
    """Decisions and pages are where the links say."""
    for target in _LINK.findall(PAGE):
        assert (ROOT / "docs" / target).exists(), target
