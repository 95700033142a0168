"""Deploying: what changed, only what changed, and a readable reason when it fails."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.aws import Aws
from local.deploy import deploy
from local.layout import STACK_NAME
from local.steps import StackError

ClientOf = Callable[[str, str], Any]
NAME = "Changing"
pytestmark = pytest.mark.integration


@pytest.fixture
def assembly(toy_assembly: Path, tmp_path: Path) -> Path:
    """An assembly of one's own to change."""
    copy = tmp_path / "cdk.out"
    shutil.copytree(toy_assembly, copy)
    manifest = copy / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(STACK_NAME, NAME), "utf-8")
    return copy


def change(assembly: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    """Change the template, and the key that it is uploaded under, as the CDK would."""
    path = assembly / "toy.template.json"
    template = json.loads(path.read_text(encoding="utf-8"))
    edit(template)
    path.write_text(json.dumps(template), encoding="utf-8")
    manifest = assembly / "toy.assets.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    content["files"]["template"]["destinations"]["current"]["objectKey"] = f"{hash(str(template))}"
    manifest.write_text(json.dumps(content), encoding="utf-8")


def test_an_unchanged_template_is_left_alone(
    client_of: ClientOf, emulator: Aws, toy: dict[str, str], toy_assembly: Path
) -> None:
    """Given a deployed stack, when it is deployed again, then CloudFormation does nothing."""
    cloudformation = client_of(emulator.endpoint_url, "cloudformation")
    before = cloudformation.describe_stack_events(StackName=STACK_NAME)["StackEvents"]

    assert deploy(emulator, toy_assembly, STACK_NAME) == toy

    after = cloudformation.describe_stack_events(StackName=STACK_NAME)["StackEvents"]
    assert len(after) == len(before)


def test_a_changed_template_updates_the_stack_and_keeps_its_data(
    client_of: ClientOf, emulator: Aws, assembly: Path
) -> None:
    """Given a deployed stack, when a variable changes, then functions see it and tables stay."""
    outputs = deploy(emulator, assembly, NAME)
    dynamodb = client_of(emulator.endpoint_url, "dynamodb")
    table = outputs["BillingTableName"]
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "kept"}})

    variables = {"GREETING": "goodbye"}
    change(
        assembly,
        lambda template: template["Resources"]["Function"]["Properties"].update(
            Environment={"Variables": variables}
        ),
    )
    assert deploy(emulator, assembly, NAME) == outputs

    functions = client_of(emulator.endpoint_url, "lambda")
    answer = functions.invoke(FunctionName=outputs["FunctionName"])
    assert json.load(answer["Payload"])["environment"]["GREETING"] == "goodbye"
    assert dynamodb.get_item(TableName=table, Key={"pk": {"S": "kept"}})["Item"]


def test_a_refused_template_says_why(emulator: Aws, assembly: Path) -> None:
    """Given a type that the emulator has not, when it is deployed, then the message names it."""
    unknown = {"Type": "AWS::Made::Up", "Properties": {}}
    change(assembly, lambda template: template["Resources"].update(Unknown=unknown))

    with pytest.raises(StackError, match=r"was refused: .*AWS::Made::Up"):
        deploy(emulator, assembly, NAME)


def test_a_failure_names_the_resource_and_the_next_deployment_recovers(
    emulator: Aws, assembly: Path
) -> None:
    """Given a resource that cannot be made, when it is deployed, then it is named; then mended."""
    manifest = assembly / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(NAME, "Mended"), "utf-8")
    of_none = {"TargetFunctionArn": "nobody", "AuthType": "NONE"}
    broken = {"Type": "AWS::Lambda::Url", "Properties": of_none}
    change(assembly, lambda template: template["Resources"].update(Broken=broken))

    with pytest.raises(StackError, match=r"Broken \(AWS::Lambda::Url\): .*nobody"):
        deploy(emulator, assembly, "Mended")

    change(assembly, lambda template: template["Resources"].pop("Broken"))
    assert deploy(emulator, assembly, "Mended")["ApiStage"] == "v1"
