"""Every function has a real event, for `sam local invoke` and for tests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HANDLERS = sorted((ROOT / "functions").rglob("handler.py"))


@pytest.mark.parametrize("handler", HANDLERS, ids=lambda path: str(path.parent.name))
def test_every_function_has_an_event(handler: Path) -> None:
    """The folder is named after service and function, and holds JSON objects."""
    service, *_, function = handler.parent.relative_to(ROOT / "functions").parts
    files = list((ROOT / "events" / f"{service}_{function}").glob("*.json"))
    assert files
    for file in files:
        assert isinstance(json.loads(file.read_text()), dict)
