"""What is read of a function out of a synthesized template."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from local.function_source import functions_of
from local.steps import StackError

TEMPLATE = {
    "Resources": {
        "First": {
            "Type": "AWS::Lambda::LayerVersion",
            "Metadata": {"aws:asset:path": "asset.first"},
        },
        "Second": {
            "Type": "AWS::Lambda::LayerVersion",
            "Metadata": {"aws:asset:path": "asset.second"},
        },
        "WorkflowsCsvSummary": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Handler": "workflows.automations.csv_summary.handler.handler",
                "Layers": [{"Ref": "First"}, {"Ref": "Second"}],
                "Environment": {"Variables": {"STAGE": "local", "TABLE": {"Ref": "Table"}}},
                "Timeout": 10,
                "MemorySize": 512,
            },
            "Metadata": {"aws:asset:path": "asset.code"},
        },
        "Table": {"Type": "AWS::DynamoDB::Table"},
    }
}
MANIFEST = {
    "artifacts": {
        "CreditEngine-local": {
            "type": "aws:cloudformation:stack",
            "dependencies": [],
            "properties": {
                "templateFile": "template.json",
                "bootstrapStackVersionSsmParameter": "/version",
                "requiresBootstrapStackVersion": 6,
            },
        }
    }
}


@pytest.fixture
def assembly(tmp_path: Path) -> Path:
    """A cloud assembly with one function."""
    (tmp_path / "manifest.json").write_text(json.dumps(MANIFEST))
    (tmp_path / "template.json").write_text(json.dumps(TEMPLATE))
    return tmp_path


def test_a_function_is_what_its_template_says(assembly: Path) -> None:
    """Code, handler, limits and settings; a reference is left for the deployed stack to resolve."""
    function = functions_of(assembly)["WorkflowsCsvSummary"]

    assert function.handler == "workflows.automations.csv_summary.handler.handler"
    assert function.code == assembly / "asset.code"
    assert function.variables == {"STAGE": "local", "TABLE": {"Ref": "Table"}}
    assert (function.timeout_seconds, function.memory_mb) == (10, 512)


def test_a_later_layer_overwrites_an_earlier_one(assembly: Path) -> None:
    """As in `/opt`: it comes first on the path."""
    function = functions_of(assembly)["WorkflowsCsvSummary"]

    first, second = (str(assembly / f"asset.{name}/python") for name in ("second", "first"))
    assert function.search_path == f"{first}{os.pathsep}{second}"


def test_events_are_named_after_service_and_function(assembly: Path) -> None:
    """Folders in between, such as `automations`, are left out."""
    assert functions_of(assembly)["WorkflowsCsvSummary"].events == "workflows_csv_summary"


def test_without_a_synthesized_template_it_is_said_what_to_do(tmp_path: Path) -> None:
    """Given a fresh checkout, the message names the command."""
    with pytest.raises(StackError, match="make run"):
        functions_of(tmp_path)
