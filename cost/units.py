"""What is consumed: counted by tests, or assumed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

FILE: Final = Path(__file__).with_name("units.toml")
Amount = Annotated[float, Field(ge=0)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Counted(_Closed):
    """DynamoDB's units of one operation."""

    writes: Amount
    index: Amount
    reads: Amount


class Assumed(_Closed):
    """What nothing here can measure."""

    milliseconds: Mapping[str, Amount]
    authorizer_share: Amount
    reads_per_run: Amount
    reads_per_purchase: Amount
    trace_share: Amount
    invocation_log_bytes: Amount
    access_log_bytes: Amount
    state_log_bytes: Amount
    response_bytes: Amount
    omise_calls_per_purchase: Amount
    omise_call_bytes: Amount
    log_archive_ratio: Amount
    run_stored_bytes: Amount
    purchase_stored_bytes: Amount
    business_metrics: Amount


class Units(_Closed):
    """All of it."""

    counted: Mapping[str, Counted]
    assumed: Assumed


def read_units(file: Path = FILE) -> Units:
    """Read the units."""
    return Units.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
