"""One customer-managed key per service, where the stage has them, and what becomes of data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from infra.settings import StageSettings

if TYPE_CHECKING:
    from constructs import Construct


def removal_policy(settings: StageSettings) -> RemovalPolicy:
    """Say what becomes of data when its resource leaves the stack."""
    return RemovalPolicy.RETAIN if settings.retain_data else RemovalPolicy.DESTROY


def service_key(scope: Construct, settings: StageSettings) -> kms.Key | None:
    """Make the key that encrypts a service's tables, secrets, objects, queues and logs.

    Returns
    -------
    aws_kms.Key or None
        None in a stage where AWS's own keys do; rotated every year otherwise.
    """
    if not settings.customer_managed_keys:
        return None
    key = kms.Key(
        scope,
        "DataKey",
        description=f"Credit Engine {settings.stage}: data of {scope.node.id}",
        enable_key_rotation=True,
        removal_policy=removal_policy(settings),
    )
    _let_cloudwatch_logs_use(key)
    return key


def _let_cloudwatch_logs_use(key: kms.Key) -> None:
    """Allow the log groups of this account, and no other (CloudWatch Logs, data protection)."""
    any_log_group = f"arn:{Aws.PARTITION}:logs:{Aws.REGION}:{Aws.ACCOUNT_ID}:log-group:*"
    key.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal(f"logs.{Aws.REGION}.amazonaws.com")],
            actions=[
                "kms:Encrypt",
                "kms:Decrypt",
                "kms:ReEncrypt*",
                "kms:GenerateDataKey*",
                "kms:DescribeKey",
            ],
            resources=["*"],
            conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": any_log_group}},
        )
    )
