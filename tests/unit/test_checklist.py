"""Every statement of docs/checklist.md has a test that carries its number."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
SIZES: Final = {"L": 14, "I": 7, "W": 12, "S": 5, "A": 6, "P": 8, "D": 8}
# Not shown by any test yet. This list only ever gets shorter.
UNCOVERED: Final = frozenset[str]()

_ROW: Final = re.compile(r"^\| ([LIWSAPD]\d\d) \| (.+) \|$", re.MULTILINE)
_TEST: Final = re.compile(r"^ *(?:async )?def (test_\w+)", re.MULTILINE)
_NUMBER: Final = re.compile(r"(?<=_)[liwsapd]\d\d(?=_|$)")


def numbers_in_tests() -> set[str]:
    """Collect the numbers in the names of all tests."""
    names = (
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in _TEST.findall(path.read_text(encoding="utf-8"))
    )
    return {number.upper() for name in names for number in _NUMBER.findall(name)}


def test_the_checklist_has_its_sixty_statements() -> None:
    """Each number once, with a sentence."""
    page = (ROOT / "docs/checklist.md").read_text(encoding="utf-8")
    expected = [f"{part}{n:02}" for part, size in SIZES.items() for n in range(1, size + 1)]
    assert [number for number, _ in _ROW.findall(page)] == expected
    assert len(expected) == 60


@pytest.mark.parametrize("part", SIZES)
def test_every_statement_has_a_test(part: str) -> None:
    """What no test carries is on the list of what is uncovered, and nothing else is."""
    numbers = {f"{part}{n:02}" for n in range(1, SIZES[part] + 1)}
    missing = numbers - numbers_in_tests()
    assert missing == {number for number in UNCOVERED if number.startswith(part)}


def test_no_test_carries_a_number_that_does_not_exist() -> None:
    """A slip of the pen in a name is found."""
    known = {f"{part}{n:02}" for part, size in SIZES.items() for n in range(1, size + 1)}
    assert numbers_in_tests() <= known
