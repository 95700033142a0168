"""What a cloud assembly says about a stack."""

import json
from pathlib import Path
from typing import Any

import pytest

from local.assembly import read_stack
from local.steps import StackError

MANIFEST: dict[str, Any] = {
    "artifacts": {
        "Stack.assets": {"type": "cdk:asset-manifest", "properties": {"file": "a.json"}},
        "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}},
        "Stack": {
            "type": "aws:cloudformation:stack",
            "dependencies": ["Stack.assets", "Tree"],
            "properties": {
                "stackName": "CreditEngine-local",
                "templateFile": "template.json",
                "requiresBootstrapStackVersion": 6,
                "bootstrapStackVersionSsmParameter": "/bootstrap/version",
            },
        },
    }
}
BUCKET = "assets-${AWS::AccountId}-${AWS::Region}"
ASSETS = {
    "files": {
        "1": {
            "source": {"path": "asset.1", "packaging": "zip"},
            "destinations": {"here": {"bucketName": BUCKET, "objectKey": "1.zip"}},
        },
        "2": {
            "source": {"path": "template.json", "packaging": "file"},
            "destinations": {"here": {"bucketName": BUCKET, "objectKey": "2.json"}},
        },
    }
}


@pytest.fixture
def assembly(tmp_path: Path) -> Path:
    """An assembly as the CDK writes it."""
    (tmp_path / "manifest.json").write_text(json.dumps(MANIFEST), encoding="utf-8")
    (tmp_path / "a.json").write_text(json.dumps(ASSETS), encoding="utf-8")
    (tmp_path / "template.json").write_text("{}", encoding="utf-8")
    return tmp_path


def test_a_stack_is_found_by_its_name_with_all_its_assets(assembly: Path) -> None:
    """Given an assembly, when a stack is read, then each asset has its bucket and key."""
    artifact = read_stack(assembly, "CreditEngine-local")

    assert {(asset.bucket, asset.key, asset.zipped) for asset in artifact.assets} == {
        ("assets-000000000000-ap-southeast-1", "1.zip", True),
        ("assets-000000000000-ap-southeast-1", "2.json", False),
    }
    assert artifact.template_asset.content() == b"{}"
    assert (artifact.bootstrap_parameter, artifact.bootstrap_version) == ("/bootstrap/version", 6)


def test_a_stack_that_is_not_there_is_refused(assembly: Path) -> None:
    """Given an assembly of another stage, when a stack is read, then the message names it."""
    with pytest.raises(StackError, match="has no stack CreditEngine-prod"):
        read_stack(assembly, "CreditEngine-prod")
