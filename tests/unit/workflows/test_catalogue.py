"""The operator's catalogue: what a file must hold, and that another automation is data alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from workflows.catalogue.entries import (
    FunctionTarget,
    StateMachineTarget,
    read_entries,
)
from workflows.catalogue.reading import FOLDER, read_catalogue
from workflows.catalogue.schema_check import ParametersSchemaError, verify_schemas
from workflows.domain.automation import AutomationNotFoundError
from workflows.domain.parameters import verify_parameters

STAGES = ("local", "dev", "staging", "prod")
TRANSLATE: dict[str, Any] = {
    "id": "translate",
    "name": "Translate",
    "description": "Translates a text.",
    "credit_cost": 3,
    "parameters_schema": {"type": "object", "required": ["text"]},
    "timeout_seconds": 900,
    "retry": {"max_attempts": 1, "interval_seconds": 5, "backoff_rate": 1.5},
    "target": {
        "state_machine_arn": "arn:aws:states:ap-southeast-1:123456789012:stateMachine:translate"
    },
}


def write(folder: Path, *entries: dict[str, Any]) -> Path:
    """Write a catalogue of the stage `test`."""
    text = json.dumps({"automations": entries})
    (folder / "automations.test.json").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_sells_what_is_built_in(stage: str) -> None:
    """Given a stage, its file is valid and both built-in automations are this stack's own."""
    entries = read_entries(stage)

    verify_schemas(entries)
    assert {entry.id: entry.target for entry in entries} == {
        "csv-summary": FunctionTarget(function="csv_summary"),
        "website-check": FunctionTarget(function="website_check"),
    }


def test_a_third_automation_is_one_more_object_in_the_file(tmp_path: Path) -> None:
    """Given the built-in automations and a state machine of the operator's, all three are sold."""
    text = (FOLDER / "automations.local.json").read_text(encoding="utf-8")
    folder = write(tmp_path, *json.loads(text)["automations"], TRANSLATE)

    entries = read_entries("test", folder)
    catalogue = read_catalogue("test", folder)

    verify_schemas(entries)
    assert [automation.id for automation in catalogue][2:] == ["translate"]
    assert catalogue.credit_cost("translate") == 3
    assert isinstance(entries[2].target, StateMachineTarget)
    verify_parameters(catalogue.automation("translate"), {"text": "hello"})


def test_an_automation_that_is_not_sold_is_not_found(tmp_path: Path) -> None:
    """Given an unknown id, it is refused, and it has no price."""
    catalogue = read_catalogue("test", write(tmp_path, TRANSLATE))

    assert catalogue.credit_cost("gone") is None
    with pytest.raises(AutomationNotFoundError):
        catalogue.automation("gone")


@pytest.mark.parametrize(
    "change",
    [
        {"id": "Not An Id"},
        {"credit_cost": 0},
        {"credit_cost": 2.5},
        {"credit_cost": True},
        {"timeout_seconds": 0},
        {"target": {"lambda_arn": "arn:aws:s3:::a-bucket"}},
        {"target": {"function": "csv_summary", "lambda_arn": "both"}},
        {"target": {}},
        {"surprise": 1},
        {"retry": {"max_attempts": 99, "interval_seconds": 1, "backoff_rate": 1}},
    ],
)
def test_a_mistake_in_the_file_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    """Given one mistake, the whole file is refused."""
    with pytest.raises(ValidationError):
        read_entries("test", write(tmp_path, {**TRANSLATE, **change}))


def test_ids_are_unique(tmp_path: Path) -> None:
    """Given the same id twice, the file is refused."""
    with pytest.raises(ValidationError, match="same id"):
        read_entries("test", write(tmp_path, TRANSLATE, TRANSLATE))


@pytest.mark.parametrize("schema", [{"type": "object", "required": "text"}, {"type": "string"}])
def test_a_parameters_schema_is_a_json_schema_of_an_object(
    tmp_path: Path, schema: dict[str, Any]
) -> None:
    """Given a schema that is none, or of something else, it is refused at synthesis."""
    entries = read_entries("test", write(tmp_path, {**TRANSLATE, "parameters_schema": schema}))

    with pytest.raises(ParametersSchemaError, match="translate"):
        verify_schemas(entries)
