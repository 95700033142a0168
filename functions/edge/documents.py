"""What the edge shows."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from kernel.schema import Says


class HealthDocument(TypedDict):
    """That the API answers."""

    status: Literal["ok"]
    version: Annotated[str, Says("The version that is deployed.", examples=["0.1.0"])]
