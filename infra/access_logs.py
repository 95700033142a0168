"""Where S3 and CloudFront write who asked for what: one bucket a stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aws_cdk import Duration, Stack
from aws_cdk import aws_s3 as s3

from infra.acknowledgements import acknowledge
from infra.keys import removal_policy
from infra.settings import StageSettings

if TYPE_CHECKING:
    from constructs import Construct

_ID: Final = "AccessLogs"


def access_log_bucket(scope: Construct, settings: StageSettings) -> s3.Bucket | None:
    """Return the stage's bucket of access logs, made when first asked for.

    Both services write under S3's own key (a customer-managed one is not supported for it), and
    CloudFront by an access control list, which no one else gets (CloudFront, standard logging).

    Returns
    -------
    aws_s3.Bucket or None
        None in a stage without access logs.
    """
    if not settings.access_logs:
        return None
    stack = Stack.of(scope)
    existing = stack.node.try_find_child(_ID)
    return existing if isinstance(existing, s3.Bucket) else _made(stack, settings)


def _made(stack: Stack, settings: StageSettings) -> s3.Bucket:
    bucket = s3.Bucket(
        stack,
        _ID,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        enforce_ssl=True,
        minimum_tls_version=1.2,
        encryption=s3.BucketEncryption.S3_MANAGED,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
        versioned=settings.retain_data,
        lifecycle_rules=[
            s3.LifecycleRule(
                expiration=Duration.days(settings.log_retention_days),
                noncurrent_version_expiration=Duration.days(1),
                abort_incomplete_multipart_upload_after=Duration.days(1),
            )
        ],
        removal_policy=removal_policy(settings),
    )
    acknowledge(
        bucket,
        "The bucket of the logs themselves: a log of writing logs would never end.",
        "CKV_AWS_18",
    )
    acknowledge(
        bucket,
        "S3 writes access logs under its own key only, and not to two regions.",
        "PCI.DSS.321-S3DefaultEncryptionKMS",
        "PCI.DSS.321-S3BucketReplicationEnabled",
    )
    return bucket
