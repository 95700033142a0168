"""Mutation testing of the ledger's rules: `make mutants`.

Every rule is changed in every way that cosmic-ray knows, one change at a time, and the tests must
notice. A change that they don't notice has to be explained in `surviving_mutants.json`, else this
fails. Works on copies, needs no network, and gives the same result every time.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
WORK: Final = ROOT / "build/mutants"
EXPLANATIONS: Final = Path(__file__).with_name("surviving_mutants.json")
DOMAIN: Final = Path("functions/billing/domain")
MODULES: Final = ("account", "amounts", "book", "commands", "entry", "ledger", "verification")
COPIED: Final = ("functions", "layers/shared", "tests", "pyproject.toml")
TESTS: Final = ("tests/unit/billing/ledger", "tests/property")
TIMEOUT_SECONDS: Final = 180.0
SESSION: Final = "mutants.sqlite"
SESSION_SECONDS: Final = 3 * 3600
# In annotations `|` is never evaluated, and `+` or `-` stand for all that can be done to a sum.
PLAIN: Final = ("Add_Sub", "Sub_Add", "Mul_Add", "Mod_Mul", "Pow_Mul")
ENVIRONMENT: Final = {
    "HYPOTHESIS_PROFILE": "mutants",
    "LEDGER_MODEL_EXAMPLES": "40",
    "LEDGER_MODEL_STEPS": "40",
    "PYTHONDONTWRITEBYTECODE": "1",
}


@dataclass(frozen=True)
class Mutant:
    """One change of one module, and whether the tests noticed it."""

    module: str
    change: tuple[str, ...]
    is_killed: bool

    def document(self) -> dict[str, object]:
        """Return what an explanation names."""
        return {"module": self.module, "change": list(self.change)}


def main() -> int:
    """Mutate, count, and tell.

    Returns
    -------
    int
        0, or 1 if a mutant survives unexplained.
    """
    arguments = _arguments()
    started = time.monotonic()
    with ThreadPoolExecutor(arguments.jobs) as pool:
        try_out = results_of if arguments.report_only else mutants_of
        mutants = [m for found in pool.map(try_out, arguments.modules) for m in found]
    unexplained = _without_explanation(mutants)
    figures = {
        "mutants": len(mutants),
        "mutants killed": sum(mutant.is_killed for mutant in mutants),
        "mutants explained": sum(not m.is_killed for m in mutants) - len(unexplained),
        "mutants unexplained": len(unexplained),
    }
    for name, figure in figures.items():
        print(f"{name}: {figure}")
    print(f"{time.monotonic() - started:.0f} s")
    for mutant in unexplained:
        print(json.dumps(mutant.document()))
    _keep(figures)
    return 1 if unexplained else 0


def mutants_of(module: str) -> list[Mutant]:
    """Try all mutants of one module, in a copy of the project."""
    folder = WORK / module
    _copy(folder)
    config, session = folder / "mutants.toml", folder / SESSION
    config.write_text(_config(module), encoding="utf-8")
    _cosmic_ray(folder, "baseline", str(config))
    _cosmic_ray(folder, "init", str(config), str(session))
    _run(folder, "cr-filter-operators", str(session), str(config))
    _cosmic_ray(folder, "exec", str(config), str(session))
    return results_of(module)


def results_of(module: str) -> list[Mutant]:
    """Read what became of a module's mutants."""
    folder = WORK / module
    lines = _cosmic_ray(folder, "dump", str(folder / SESSION)).splitlines()
    return [mutant for line in lines if (mutant := _mutant(module, json.loads(line)))]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", default=MODULES, help="all by default")
    parser.add_argument("--report-only", action="store_true", help="of the last run")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


def _copy(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    ignored = shutil.ignore_patterns("__pycache__")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy(source, folder / name)


def _config(module: str) -> str:
    excluded = "^core/ReplaceBinaryOperator_(?!({})$)".format("|".join(PLAIN))
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *TESTS]
    return f"""
[cosmic-ray]
module-path = "{DOMAIN / module}.py"
timeout = {TIMEOUT_SECONDS}
excluded-modules = []
test-command = "{" ".join(command)}"
distributor.name = "local"

[cosmic-ray.filters.operators-filter]
exclude-operators = [{json.dumps(excluded)}, "^core/RemoveDecorator$"]
"""


def _cosmic_ray(folder: Path, *arguments: str) -> str:
    return _run(folder, "cosmic-ray", *arguments)


def _run(folder: Path, program: str, *arguments: str) -> str:
    result = subprocess.run(  # noqa: S603  # our own tools, with our own arguments
        [str(Path(sys.executable).with_name(program)), *arguments],
        cwd=folder,
        env={**os.environ, **ENVIRONMENT},
        check=False,
        capture_output=True,
        text=True,
        timeout=SESSION_SECONDS,
    )
    if result.returncode:
        raise SystemExit(f"{program} {arguments[0]} failed:\n{result.stdout}{result.stderr}")
    return result.stdout


def _mutant(module: str, row: Sequence[Any]) -> Mutant | None:
    """Read one line of a session's dump: the mutation, and what became of it."""
    _, result = row
    if result is None or result["worker_outcome"] == "skipped":
        return None
    diff = (result["diff"] or "").splitlines()
    change = tuple(
        line for line in diff if line.startswith(("-", "+")) and not line.startswith(("---", "+++"))
    )
    return Mutant(module, change, result["test_outcome"] != "survived")


def _without_explanation(mutants: Sequence[Mutant]) -> list[Mutant]:
    explained = json.loads(EXPLANATIONS.read_text(encoding="utf-8"))
    known = {(e["module"], tuple(e["change"])) for e in explained if e["because"]}
    return [m for m in mutants if not m.is_killed and (m.module, m.change) not in known]


def _keep(figures: dict[str, int]) -> None:
    """Write the figures where `RELIABILITY_FIGURES` says, if it does."""
    target = os.environ.get("RELIABILITY_FIGURES")
    if target is not None:
        path = Path(target)
        known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        path.write_text(json.dumps({**known, **figures}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
