"""Which operations of DynamoDB a request makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kernel import dynamodb

if TYPE_CHECKING:
    import pytest


def recorded_calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that every call of DynamoDB adds its operation to."""
    made: list[str] = []
    client = dynamodb.client()
    original = client.call

    def record(operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        made.append(operation)
        return original(operation, request)

    monkeypatch.setattr(client, "call", record)
    return made
