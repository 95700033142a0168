"""Exceptions for the functions that the CDK brings for its own resources.

They run while the stack is deployed, with CloudFormation waiting for them, and never for a user.
Their code, runtime and size are the CDK's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra.acknowledgements import acknowledge

if TYPE_CHECKING:
    from aws_cdk import Stack

# The beginnings of their ids in the stack.
_ASKS_AWS: Final = "AWS679f53fac002430cb0da5b7982bd2287"
_UPLOADS_FILES: Final = "Custom::CDKBucketDeployment"
_IDS: Final = (_ASKS_AWS, "Custom::")
_MANAGED_POLICY: Final = (
    "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/"
    "service-role/AWSLambdaBasicExecutionRole]"
)
_OF_CDK_NAG: Final = (
    _MANAGED_POLICY,
    "PCI.DSS.321-LambdaInsideVPC",
    "Serverless-LambdaDLQ",
    "Serverless-LambdaTracing",
)
_OF_CHECKOV: Final = ("CKV_AWS_115", "CKV_AWS_116", "CKV_AWS_117", "CKV_AWS_173")
_REASON: Final = (
    "A function of the CDK's own: it runs at deployments only, calls AWS alone, and CloudFormation "
    "waits for its answer, which is what a queue or a trace would be for."
)
_UPLOADS: Final = (
    "Uploads the console: from the CDK's bucket of assets, whose keys are hashes, to the bucket "
    "of the console and no other; these are the grants of the CDK's own construct."
)


def acknowledge_framework_functions(stack: Stack) -> None:
    """Except the CDK's functions from rules about functions of ours."""
    for child in stack.node.children:
        if child.node.id.startswith(_IDS):
            acknowledge(child, _REASON, *_OF_CHECKOV)
        # cdk-nag does not see functions that the CDK writes out in full.
        if child.node.id.startswith((_ASKS_AWS, _UPLOADS_FILES)):
            acknowledge(child, _REASON, *_OF_CDK_NAG)
        if child.node.id == _ASKS_AWS:
            acknowledge(child, _REASON, "Serverless-LambdaDefaultMemorySize")
        if child.node.id.startswith(_UPLOADS_FILES):
            acknowledge(child, _REASON, "AwsSolutions-L1", "Serverless-LambdaLatestVersion")
            _acknowledge_uploads(stack, child.node.id)


def _acknowledge_uploads(stack: Stack, name: str) -> None:
    actions = ("Abort*", "DeleteObject*", "GetBucket*", "GetObject*", "List*")
    assets = ("arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/*",)
    acknowledge(
        stack.node.find_child(name),
        _UPLOADS,
        *(f"AwsSolutions-IAM5[Action::s3:{action}]" for action in actions),
        *(f"AwsSolutions-IAM5[Resource::{arn}]" for arn in assets),
    )
