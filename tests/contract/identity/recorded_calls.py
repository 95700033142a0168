"""Which operations of DynamoDB a request makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kernel import dynamodb

if TYPE_CHECKING:
    import pytest


def recorded_calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that every call of DynamoDB adds its operation to."""
    made: list[str] = []
    client = dynamodb.client()
    original: Callable[..., Any] = client._make_api_call  # type: ignore[attr-defined]  # botocore's

    def record(operation: str, parameters: dict[str, Any]) -> Any:  # noqa: ANN401  # botocore's
        made.append(operation)
        return original(operation, parameters)

    monkeypatch.setattr(client, "_make_api_call", record)
    return made
