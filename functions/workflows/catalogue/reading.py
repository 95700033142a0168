"""Reads a stage's automations as the service's functions need them.

The file was verified when the stage was synthesised (`entries`), and comes along in the package;
a function verifies nothing again, since that would double its cold start.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from workflows.domain.automation import Automation, Catalogue

FOLDER: Final = Path(__file__).parent


def read_catalogue(stage: str, folder: Path = FOLDER) -> Catalogue:
    """Read a stage's automations.

    Raises
    ------
    OSError
        If the stage has none.
    """
    return Catalogue(
        Automation(
            entry["id"],
            entry["name"],
            entry["description"],
            entry["credit_cost"],
            entry["parameters_schema"],
        )
        for entry in json.loads(file_text(stage, folder))["automations"]
    )


def file_text(stage: str, folder: Path) -> str:
    """Read the text of a stage's file."""
    return (folder / f"automations.{stage}.json").read_text(encoding="utf-8")
