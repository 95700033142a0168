"""The form of the catalogue's file, which is verified when a stage is synthesised."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, field_validator

from workflows.catalogue.reading import FOLDER, file_text

_ARN: Final = r"^arn:aws[a-z-]*:{}:[a-z0-9-]+:[0-9]{{12}}:{}:[A-Za-z0-9_:-]+$"


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class FunctionTarget(_Closed):
    """A Lambda function of this stack, by its package in `workflows/automations/`."""

    function: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]


class LambdaTarget(_Closed):
    """Any Lambda function of the operator's."""

    lambda_arn: Annotated[str, Field(pattern=_ARN.format("lambda", "function"))]


class StateMachineTarget(_Closed):
    """Any standard state machine of the operator's."""

    state_machine_arn: Annotated[str, Field(pattern=_ARN.format("states", "stateMachine"))]


class Retry(_Closed):
    """How often an automation that broke is tried again, in the terms of Step Functions.

    `max_attempts` counts the attempts after the first.
    """

    max_attempts: Annotated[int, Field(ge=0, le=10)]
    interval_seconds: Annotated[int, Field(ge=1, le=300)]
    backoff_rate: Annotated[float, Field(ge=1, le=10, strict=False)]


class Entry(_Closed):
    """One automation: what users see of it, and what does the work."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
    name: Annotated[str, Field(min_length=1, max_length=100)]
    description: Annotated[str, Field(min_length=1, max_length=1000)]
    credit_cost: Annotated[int, Field(ge=1, le=10**12)]
    parameters_schema: dict[str, Any]
    timeout_seconds: Annotated[int, Field(ge=1, le=86400)]
    retry: Retry
    target: FunctionTarget | LambdaTarget | StateMachineTarget


class CatalogueFile(_Closed):
    """A whole `automations.<stage>.json`; ids are unique."""

    automations: Annotated[tuple[Entry, ...], Field(min_length=1, max_length=100, strict=False)]

    @field_validator("automations")
    @classmethod
    def _ids_are_unique(cls, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        if len({entry.id for entry in entries}) != len(entries):
            raise ValueError("two automations have the same id")
        return entries


def read_entries(stage: str, folder: Path = FOLDER) -> tuple[Entry, ...]:
    """Read a stage's file.

    Raises
    ------
    OSError
        If the stage has none.
    pydantic.ValidationError
        If it is not as it must be.
    """
    return CatalogueFile.model_validate_json(file_text(stage, folder)).automations
