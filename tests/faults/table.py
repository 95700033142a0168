"""The table of faults and steps, as it is printed and as it stands in the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from local.layout import HERE
from tests.faults.catalogue import BUYERS, FAULTS, STEPS, Outcome, meets

PAGE = HERE.root / "docs/reliability.md"
BEGINNING, END = "<!-- the table begins -->\n", "<!-- the table ends -->\n"
NOTHING = "–"  # noqa: RUF001  # what a table shows where there is nothing

Cell = tuple[str, str, str]


def cells() -> Iterator[Cell]:
    """List who buys, which fault, and which step it meets, in the order of the table."""
    yield from (
        (buyer, fault, step)
        for buyer in BUYERS
        for fault in FAULTS
        for step in STEPS
        if meets(buyer, fault, step)
    )


def rendered(outcomes: Iterable[Outcome]) -> str:
    """Write the outcomes as Markdown."""
    found = {(one.buyer, one.fault, one.step): one.cell for one in outcomes}
    lines: list[str] = []
    for buyer in BUYERS:
        steps = [step for step in STEPS if any(meets(buyer, fault, step) for fault in FAULTS)]
        lines += ["", f"### {buyer}", "", _row(["fault", *steps]), _row(["---"] * (len(steps) + 1))]
        for fault in FAULTS:
            row = [found.get((buyer, fault, step), NOTHING) for step in steps]
            if set(row) != {NOTHING}:
                lines.append(_row([fault, *row]))
    return "\n".join([*lines, "", ""])


def documented() -> str:
    """Read the table that stands in the documentation."""
    return PAGE.read_text(encoding="utf-8").partition(BEGINNING)[2].partition(END)[0]


def write(table: str) -> None:
    """Put a table into the documentation."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGINNING)
    after = rest.partition(END)[2]
    PAGE.write_text(before + BEGINNING + table + END + after, encoding="utf-8")


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
