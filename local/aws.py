"""Clients of the emulator's AWS APIs."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from local.layout import ACCOUNT, REGION

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_stepfunctions import SFNClient

CALL = Config(
    connect_timeout=2,
    read_timeout=60,
    retries={"mode": "standard", "total_max_attempts": 2},
    s3={"addressing_style": "path"},
)


@dataclass(frozen=True)
class Aws:
    """AWS, as the emulator plays it; every client has time-outs and worthless credentials.

    Parameters
    ----------
    endpoint_url
        Where the emulator serves every API.
    """

    endpoint_url: str

    @cached_property
    def cloudformation(self) -> "CloudFormationClient":
        """Stacks."""
        return self._session.client("cloudformation", endpoint_url=self.endpoint_url, config=CALL)

    @cached_property
    def s3(self) -> "S3Client":
        """Assets."""
        return self._session.client("s3", endpoint_url=self.endpoint_url, config=CALL)

    @cached_property
    def secrets(self) -> "SecretsManagerClient":
        """Secrets."""
        return self._session.client("secretsmanager", endpoint_url=self.endpoint_url, config=CALL)

    @cached_property
    def parameters(self) -> "SSMClient":
        """Parameters, where `cdk bootstrap` leaves its version."""
        return self._session.client("ssm", endpoint_url=self.endpoint_url, config=CALL)

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        """Tables."""
        return self._session.client("dynamodb", endpoint_url=self.endpoint_url, config=CALL)

    @cached_property
    def logs(self) -> "CloudWatchLogsClient":
        """What the functions wrote."""
        return self._session.client("logs", endpoint_url=self.endpoint_url, config=CALL)

    @cached_property
    def state_machines(self) -> "SFNClient":
        """Sagas, and what runs every night."""
        return self._session.client("stepfunctions", endpoint_url=self.endpoint_url, config=CALL)

    @cached_property
    def functions(self) -> "LambdaClient":
        """Lambda functions."""
        return self._session.client("lambda", endpoint_url=self.endpoint_url, config=CALL)

    @cached_property
    def _session(self) -> boto3.Session:
        # The emulator takes an access key of twelve digits for the account's number.
        return boto3.Session(
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="test",  # noqa: S106 - the emulator checks no signature
            region_name=REGION,
        )
