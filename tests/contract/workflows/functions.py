"""The service's functions as Lambda calls them, and real events for them."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

_EVENTS = Path(__file__).parents[3] / "events"
_ENVIRONMENT = {
    "STAGE": "local",
    "WORKFLOWS_TABLE_NAME": "Workflows",
    "BILLING_TABLE_NAME": "Billing",
    "OUTPUTS_BUCKET_NAME": "outputs",
}


class Function:
    """A deployed function: its module is loaded anew, as at a cold start."""

    def __init__(self, name: str, monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
        for setting, value in {**_ENVIRONMENT, **settings}.items():
            monkeypatch.setenv(setting, value)
        module = f"workflows.{name}.handler"
        sys.modules.pop(module, None)
        self._handler = importlib.import_module(module).handler

    def invoke(self, event: dict[str, Any]) -> Any:  # noqa: ANN401  # whatever it returns
        """Invoke it; what it returns must be JSON."""
        return json.loads(json.dumps(self._handler(event, None)))


class Answer:
    """An HTTP response taken out of API Gateway's proxy format."""

    def __init__(self, response: dict[str, Any]) -> None:
        self.status: int = response["statusCode"]
        self.headers: dict[str, str] = response["headers"]
        self.body: Any = json.loads(response["body"]) if response["body"] else None


def real_event(function: str, name: str) -> dict[str, Any]:
    """Read an event out of the `events` folder."""
    path = _EVENTS / f"workflows_{function}/{name}.json"
    event: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return event
