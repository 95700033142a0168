"""Deploy what `cdk synth` wrote onto the emulator, as CloudFormation would onto AWS."""

import hashlib
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from local.assembly import Asset, StackArtifact, read_stack
from local.aws import Aws
from local.layout import REGION
from local.steps import StackError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.literals import CapabilityType
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

WAIT_SECONDS = 180
POLL_SECONDS = 0.2
CAPABILITIES: "list[CapabilityType]" = [
    "CAPABILITY_IAM",
    "CAPABILITY_NAMED_IAM",
    "CAPABILITY_AUTO_EXPAND",
]
TEMPLATE_TAG = "template-sha256"
DEPLOYED = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})
# States that no update leads out of: nothing was ever deployed, so nothing is lost.
STILLBORN = frozenset({"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"})


def deploy(aws: Aws, assembly: Path, stack_name: str) -> dict[str, str]:
    """Bring the stack to what the assembly says; do nothing when it is there already.

    Parameters
    ----------
    aws
        The emulator.
    assembly
        The folder that `cdk synth` wrote.
    stack_name
        Which of its stacks.

    Returns
    -------
    dict of str to str
        The stack's outputs, by name.

    Raises
    ------
    StackError
        CloudFormation refused or gave up; every failed resource and its reason is in the message.
    """
    artifact = read_stack(assembly, stack_name)
    stack = _describe(aws, stack_name)
    if stack is None or not _is_current(stack, artifact):
        _bootstrap(aws, artifact)
        _upload(aws, artifact.assets)
        _apply(aws, stack_name, stack, artifact)
        stack = _await_deployed(aws, stack_name)
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def _describe(aws: Aws, stack_name: str) -> "StackTypeDef | None":
    try:
        answer = aws.cloudformation.describe_stacks(StackName=stack_name)
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    stack = answer["Stacks"][0]
    return None if stack["StackStatus"] == "DELETE_COMPLETE" else stack


def _is_current(stack: "StackTypeDef", artifact: StackArtifact) -> bool:
    # The template holds the hash of every asset, so its own hash stands for all of them.
    tags = {tag["Key"]: tag["Value"] for tag in stack.get("Tags", [])}
    return stack["StackStatus"] in DEPLOYED and tags.get(TEMPLATE_TAG) == _hash(artifact)


def _hash(artifact: StackArtifact) -> str:
    return hashlib.sha256(artifact.template.read_bytes()).hexdigest()


def _bootstrap(aws: Aws, artifact: StackArtifact) -> None:
    """Leave what `cdk bootstrap` leaves: a version for templates to check."""
    aws.parameters.put_parameter(
        Name=artifact.bootstrap_parameter,
        Value=str(artifact.bootstrap_version),
        Type="String",
        Overwrite=True,
    )


def _upload(aws: Aws, assets: Iterable[Asset]) -> None:
    present: dict[str, set[str]] = {}
    for asset in assets:
        if asset.bucket not in present:
            present[asset.bucket] = _keys(aws, asset.bucket)
        if asset.key not in present[asset.bucket]:  # a key holds its content's hash
            aws.s3.put_object(Bucket=asset.bucket, Key=asset.key, Body=asset.content())


def _keys(aws: Aws, bucket: str) -> set[str]:
    """Make the bucket if need be, and list what it holds."""
    try:
        aws.s3.create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
    except aws.s3.exceptions.BucketAlreadyOwnedByYou:
        pages = aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return {entry["Key"] for page in pages for entry in page.get("Contents", [])}
    return set()


def _apply(
    aws: Aws, stack_name: str, stack: "StackTypeDef | None", artifact: StackArtifact
) -> None:
    if stack and stack["StackStatus"] in STILLBORN:
        _delete(aws, stack_name)
        stack = None
    asset = artifact.template_asset
    change = aws.cloudformation.update_stack if stack else aws.cloudformation.create_stack
    try:
        change(
            StackName=stack_name,
            TemplateURL=f"{aws.endpoint_url}/{asset.bucket}/{asset.key}",
            Capabilities=CAPABILITIES,
            Tags=[{"Key": TEMPLATE_TAG, "Value": _hash(artifact)}],
        )
    except ClientError as error:
        raise StackError(f"stack {stack_name} was refused: {error}") from error


def _delete(aws: Aws, stack_name: str) -> None:
    aws.cloudformation.delete_stack(StackName=stack_name)
    aws.cloudformation.get_waiter("stack_delete_complete").wait(
        StackName=stack_name, WaiterConfig={"Delay": 1, "MaxAttempts": WAIT_SECONDS}
    )


def _await_deployed(aws: Aws, stack_name: str) -> "StackTypeDef":
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        stack = _describe(aws, stack_name)
        if stack is None or not stack["StackStatus"].endswith("_IN_PROGRESS"):
            break
        time.sleep(POLL_SECONDS)
    if stack is None or stack["StackStatus"] not in DEPLOYED:
        raise StackError(_explain(aws, stack_name, stack))
    return stack


def _explain(aws: Aws, stack_name: str, stack: "StackTypeDef | None") -> str:
    status = stack["StackStatus"] if stack else "gone"
    events = aws.cloudformation.describe_stack_events(StackName=stack_name)
    failures = [
        f"    {event['LogicalResourceId']} ({event['ResourceType']}): "
        f"{event.get('ResourceStatusReason', 'no reason given')}"
        for event in reversed(events["StackEvents"])
        if event["ResourceStatus"].endswith("_FAILED")
    ]
    return "\n".join([f"stack {stack_name} is {status}:", *failures])
