"""Exceptions from the rules that cdk-nag and checkov apply, each beside its resource with a reason.

A reason says why the aim of the rule is met otherwise, or does not apply here. A rule that reports
each thing it found on its own is excepted for that thing: `AwsSolutions-IAM5[Resource::*]`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from aws_cdk import Acknowledgment, CfnResource, Stack, Validations

if TYPE_CHECKING:
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_stepfunctions as sfn
    from constructs import IConstruct

# What each rule of checkov is about; it reads exceptions in the resource itself.
TYPES: Final[Mapping[str, str]] = {
    "CKV_AWS_18": "AWS::S3::Bucket",
    "CKV_AWS_21": "AWS::S3::Bucket",
    "CKV_AWS_26": "AWS::SNS::Topic",
    "CKV_AWS_27": "AWS::SQS::Queue",
    "CKV_AWS_28": "AWS::DynamoDB::Table",
    "CKV_AWS_59": "AWS::ApiGateway::Method",
    "CKV_AWS_68": "AWS::CloudFront::Distribution",
    "CKV_AWS_73": "AWS::ApiGateway::Stage",
    "CKV_AWS_76": "AWS::ApiGateway::Stage",
    "CKV_AWS_115": "AWS::Lambda::Function",
    "CKV_AWS_116": "AWS::Lambda::Function",
    "CKV_AWS_117": "AWS::Lambda::Function",
    "CKV_AWS_119": "AWS::DynamoDB::Table",
    "CKV_AWS_120": "AWS::ApiGateway::Stage",
    "CKV_AWS_149": "AWS::SecretsManager::Secret",
    "CKV_AWS_158": "AWS::Logs::LogGroup",
    "CKV_AWS_173": "AWS::Lambda::Function",
    "CKV_AWS_174": "AWS::CloudFront::Distribution",
}
_METADATA: Final = "checkov"


def acknowledge(construct: IConstruct, reason: str, *rules: str) -> None:
    """Except a construct, and what is in it so far, from rules.

    Parameters
    ----------
    construct
        The smallest one that holds for.
    reason
        Why, for all of the rules alike.
    *rules
        As the tools name them: `AwsSolutions-SQS3`, `CKV_AWS_116`.

    Raises
    ------
    KeyError
        If a rule of checkov is new here, and so is not in the table above.
    """
    for rule in rules:
        if rule.startswith("CKV"):
            _tell_checkov(construct, rule, reason)
        else:
            _tell_cdk_nag(construct, rule, reason)


def everything_below(bucket: s3.IBucket, prefix: str) -> str:
    """Name the finding that a statement is about all objects under a prefix, which is meant."""
    return f"AwsSolutions-IAM5[Resource::<{_logical_id(bucket)}.Arn>/{prefix}]"


def versions_of(function: lambda_.IFunction) -> str:
    """Name the finding that a function may be invoked in all its versions.

    The CDK grants that along with the function; there are none beside the current one.
    """
    name = _logical_id(function)
    arn = f"<{name}.Arn>" if name else function.function_arn
    return f"AwsSolutions-IAM5[Resource::{arn}:*]"


def executions_of(machine: sfn.IStateMachine) -> str:
    """Name the finding that a statement is about all executions of a state machine."""
    place = "arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:"
    name = {"Fn::Select": [6, {"Fn::Split": [":", {"Ref": _logical_id(machine)}]}]}
    return f"AwsSolutions-IAM5[Resource::{place}{json.dumps(name, separators=(',', ':'))}:*]"


def _logical_id(construct: IConstruct) -> str | None:
    """Return a resource's id in the template; None for one that is deployed elsewhere."""
    resource = construct.node.default_child
    if not isinstance(resource, CfnResource):
        return None
    return str(Stack.of(construct).resolve(resource.logical_id))


def _tell_cdk_nag(construct: IConstruct, rule: str, reason: str) -> None:
    Validations.of(construct).acknowledge(Acknowledgment(id=rule, reason=reason))


def _tell_checkov(construct: IConstruct, rule: str, reason: str) -> None:
    for resource in construct.node.find_all():
        if isinstance(resource, CfnResource) and resource.cfn_resource_type == TYPES[rule]:
            known = (resource.get_metadata(_METADATA) or {}).get("skip", [])
            resource.add_metadata(_METADATA, {"skip": [*known, {"id": rule, "comment": reason}]})
