"""What the stand-in knows: a table's items, a signing key, and what Omise says."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Any


@dataclass
class Scene:
    """One world.

    Parameters
    ----------
    tables
        Items by table, in DynamoDB's own JSON.
    omise
        Answers by method and path: `GET /charges/chrg_test_1`.
    secret
        The text of the one secret.
    private_key
        The one key of KMS, as PEM.
    """

    tables: Mapping[str, list[Json]] = field(default_factory=dict)
    omise: Mapping[str, Json] = field(default_factory=dict)
    secret: str = ""
    private_key: str = ""


def wire_form(value: Json) -> Json:
    """Write attribute values as DynamoDB sends them: bytes become base64."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return {name: wire_form(child) for name, child in value.items()}
    if isinstance(value, list):
        return [wire_form(child) for child in value]
    return wire_form(value.value) if hasattr(value, "value") else value
