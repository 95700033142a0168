"""Buckets for what is too large for a table: private, encrypted, and forgetful."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from infra.access_logs import access_log_bucket
from infra.acknowledgements import acknowledge
from infra.keys import removal_policy
from infra.settings import StageSettings

if TYPE_CHECKING:
    from constructs import Construct

_OVERWRITTEN_FOR: Final = Duration.days(30)


def private_bucket(
    scope: Construct, name: str, settings: StageSettings, key: kms.IKey | None, retention_days: int
) -> s3.Bucket:
    """Make a bucket that nobody else can read, over TLS only.

    Parameters
    ----------
    scope
        The service's construct.
    name
        Its id there.
    settings
        The stage's settings: what becomes of it when it leaves the stack.
    key
        What encrypts it, if not S3's own key.
    retention_days
        When its objects vanish.
    """
    bucket = s3.Bucket(
        scope,
        name,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        enforce_ssl=True,
        minimum_tls_version=1.2,
        encryption=s3.BucketEncryption.KMS if key else s3.BucketEncryption.S3_MANAGED,
        encryption_key=key,
        bucket_key_enabled=key is not None,
        versioned=settings.retain_data,
        server_access_logs_bucket=access_log_bucket(scope, settings),
        server_access_logs_prefix=f"{name.lower()}/" if settings.access_logs else None,
        lifecycle_rules=[
            s3.LifecycleRule(
                expiration=Duration.days(retention_days),
                noncurrent_version_expiration=_OVERWRITTEN_FOR if settings.retain_data else None,
                abort_incomplete_multipart_upload_after=Duration.days(1),
            )
        ],
        removal_policy=removal_policy(settings),
    )
    acknowledge(
        bucket,
        "What is in it is made from the tables and Omise's books, and can be made again.",
        "PCI.DSS.321-S3BucketReplicationEnabled",
    )
    return bucket
