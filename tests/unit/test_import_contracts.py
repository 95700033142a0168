"""The import contracts of pyproject.toml name all that they are about."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
DEBIT_INTERFACE: Final = "billing.debit"


def contract(name: str) -> dict[str, Any]:
    """Return a contract by its name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (found,) = (c for c in project["tool"]["importlinter"]["contracts"] if c["name"] == name)
    return dict(found)


def test_all_of_billing_but_the_debit_interface_is_closed_to_workflows() -> None:
    """A new module of billing's is closed too, or this says so."""
    paths = (ROOT / "functions/billing").iterdir()
    modules = {f"billing.{path.stem}" for path in paths if not path.stem.startswith("__")}
    closed = contract("Workflows use billing by its debit interface only")["forbidden_modules"]
    assert {name for name in closed if name.startswith("billing.")} == modules - {DEBIT_INTERFACE}
