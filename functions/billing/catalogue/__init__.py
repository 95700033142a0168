"""The operator's catalogue of credit packages, one file per stage, and the reader of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from billing.domain.packages import Package, parse_packages

_FOLDER = Path(__file__).parent


def load_packages(stage: str) -> Mapping[str, Package]:
    """Read what a stage sells; at synth this validates the file, at cold start it loads it.

    Parameters
    ----------
    stage
        The name of a stage: `local`, `dev`, `staging` or `prod`.

    Raises
    ------
    CatalogueError
        If the file holds something that cannot be sold.
    OSError
        If the stage has no catalogue.
    """
    text = (_FOLDER / f"packages.{stage}.json").read_text(encoding="utf-8")
    return parse_packages(json.loads(text))
