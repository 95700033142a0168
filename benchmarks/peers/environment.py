"""The peers' virtual environment, from hashes alone."""

from __future__ import annotations

import venv
from pathlib import Path
from typing import Final

from local.setup import ROOT, Task, install, is_of_this_python

REQUIREMENTS: Final = ROOT / "benchmarks/peers/requirements.txt"
VENV: Final = ROOT / ".local/peers-venv"


def peers_python() -> Path:
    """Return the interpreter that has the peers' libraries; make it if need be."""
    python = VENV / "bin/python"
    Task("peers of the benchmark", (REQUIREMENTS,), python, _make).bring_up_to_date()
    return python


def _make() -> None:
    if not is_of_this_python(VENV):
        venv.create(VENV, with_pip=False, symlinks=True, clear=True)
    install(VENV, REQUIREMENTS)
