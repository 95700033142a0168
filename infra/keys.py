"""One customer-managed key per service, where the stage has them, and what becomes of data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from infra.settings import StageSettings

if TYPE_CHECKING:
    from constructs import Construct

# What services ask of a key in the name of who uses them (DynamoDB and S3, customer managed keys).
_DATA_ACTIONS: Final = (
    "Decrypt",
    "DescribeKey",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
)


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


def allow_use(key: kms.IKey, grantee: iam.IGrantable, service: str) -> None:
    """Let a role use a key through one AWS service, for that service's data, and not by itself.

    Parameters
    ----------
    key
        The key.
    grantee
        The function.
    service
        As its endpoint is named: `dynamodb`, `s3`.
    """
    through = {"StringEquals": {"kms:ViaService": f"{service}.{Aws.REGION}.{Aws.URL_SUFFIX}"}}
    grantee.grant_principal.add_to_principal_policy(
        iam.PolicyStatement(
            actions=[f"kms:{action}" for action in _DATA_ACTIONS],
            resources=[key.key_arn],
            conditions=through,
        )
    )


def alarms_key(scope: Construct, settings: StageSettings) -> kms.Key | None:
    """Make the key that encrypts alarms on their way, which CloudWatch may use.

    Returns
    -------
    aws_kms.Key or None
        None in a stage where AWS's own keys encrypt.
    """
    key = service_key(scope, settings)
    if key is not None:
        key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=["*"],
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            )
        )
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
