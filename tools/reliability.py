"""Writes docs/reliability.md: runs what it tells about, and puts the figures in.

`make reliability` takes about an hour; `--quick` tries less, to see that it works.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
FIGURES: Final = ROOT / "build/reliability.json"
TEMPLATE: Final = Path(__file__).with_suffix(".md")
PAGE: Final = ROOT / "docs/reliability.md"
SURVIVORS: Final = Path(__file__).with_name("surviving_mutants.json")
FAULTS_BEGIN: Final = "<!-- the table begins -->"
FAULTS_END: Final = "<!-- the table ends -->"
COST: Final = "cost: "
MAX_SECONDS: Final = 4 * 3600


@dataclass(frozen=True)
class Run:
    """A command that leaves figures."""

    arguments: tuple[str, ...]
    thorough: dict[str, str] = field(default_factory=dict)


RUNS: Final = (
    Run(
        ("-m", "pytest", "-q", "tests/property"),
        {"LEDGER_MODEL_EXAMPLES": "600", "LEDGER_MODEL_STEPS": "80"},
    ),
    Run(
        ("-m", "pytest", "-q", "tests/integration/ledger"),
        {"STORED_MODEL_EXAMPLES": "150", "SIMULATION_SEEDS": "10", "CRASH_PAIRS": "10000"},
    ),
    Run(("-m", "tests.simulator", "--seconds", "{soak}")),
    Run(("-m", "tests.simulator", "--seconds", "{crowd}", "--threads", "16")),
    Run(("-m", "tests.faults")),
    Run(("tools/mutants.py",)),
)


def main() -> int:
    """Run everything, then write the page.

    Returns
    -------
    int
        0, or 1 if something went wrong; then the page stays as it was.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="try less")
    parser.add_argument("--write-only", action="store_true", help="of the last run's figures")
    arguments = parser.parse_args()
    if not arguments.write_only:
        FIGURES.unlink(missing_ok=True)
        FIGURES.parent.mkdir(exist_ok=True)
        if not all(_succeeds(run, quick=arguments.quick) for run in RUNS):
            return 1
    PAGE.write_text(_page(json.loads(FIGURES.read_text(encoding="utf-8"))), encoding="utf-8")
    return 0


def _succeeds(run: Run, *, quick: bool) -> bool:
    seconds = {"soak": "30" if quick else "600", "crowd": "10" if quick else "60"}
    result = subprocess.run(  # noqa: S603  # our own commands
        [sys.executable, *(argument.format(**seconds) for argument in run.arguments)],
        cwd=ROOT,
        env={
            **os.environ,
            **({} if quick else run.thorough),
            "RELIABILITY_FIGURES": str(FIGURES),
            "PYTHONPATH": "functions:layers/shared/python",
        },
        check=False,
        timeout=MAX_SECONDS,
    )
    return result.returncode == 0


def _page(figures: dict[str, Any]) -> str:
    costs = {name: value for name, value in figures.items() if name.startswith(COST)}
    others = {name: value for name, value in figures.items() if name not in costs}
    measured = datetime.fromtimestamp(FIGURES.stat().st_mtime, UTC)
    return TEMPLATE.read_text(encoding="utf-8").format(
        date=f"{measured:%Y-%m-%d}",
        python=platform.python_version(),
        cores=os.cpu_count(),
        figures=_table("tried", "", others),
        faults=_faults(),
        costs=_table("operation", "takes", {n.removeprefix(COST): v for n, v in costs.items()}),
        survivors=_survivors(),
    )


def _table(left: str, right: str, rows: dict[str, Any]) -> str:
    lines = [f"| {left} | {right} |", "| --- | --- |"]
    lines += [f"| {name} | {_number(value)} |" for name, value in rows.items()]
    return "\n".join(lines)


def _number(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _faults() -> str:
    """Keep the table of faults and steps, which `make faults` writes into the page."""
    _, begins, rest = PAGE.read_text(encoding="utf-8").partition(FAULTS_BEGIN)
    table, ends, _ = rest.partition(FAULTS_END)
    return f"{begins}{table}{ends}"


def _survivors() -> str:
    lines = ["| module | change | why no test can notice |", "| --- | --- | --- |"]
    for mutant in json.loads(SURVIVORS.read_text(encoding="utf-8")):
        changes = "<br>".join(f"`{_cell(line)}`" for line in mutant["change"])
        lines.append(f"| {mutant['module']} | {changes} | {mutant['because']} |")
    return "\n".join(lines)


def _cell(line: str) -> str:
    return f"{line[0]} {line[1:].strip()}".replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main())
