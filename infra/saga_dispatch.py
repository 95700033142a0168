"""The outbox: a table's stream starts the state machine, so nothing is written in two places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.tables import ServiceTable

_BATCH_SIZE: Final = 10
_MAX_RECORD_AGE: Final = Duration.hours(12)
_RETRY_ATTEMPTS: Final = 100
_PARKED_FOR: Final = Duration.days(14)


class SagaDispatch(Construct):
    """Has a table's new items of one kind start an execution each.

    What cannot be dispatched is retried for hours, halving the batch, and then parked in a queue
    that an alarm watches.

    Attributes
    ----------
    function
        What starts the executions.
    parked
        The queue of what could not be dispatched.
    """

    def __init__(
        self,
        scope: Construct,
        table: ServiceTable,
        sort_key: str,
        function: lambda_.Function,
        state_machine: sfn.StateMachine,
        key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, "Dispatching")
        self.function = function
        self.parked = _parking_queue(self, key)
        function.add_event_source(
            event_sources.DynamoEventSource(
                table.resource,
                starting_position=lambda_.StartingPosition.TRIM_HORIZON,
                batch_size=_BATCH_SIZE,
                bisect_batch_on_error=True,
                report_batch_item_failures=True,
                max_record_age=_MAX_RECORD_AGE,
                retry_attempts=_RETRY_ATTEMPTS,
                on_failure=event_sources.SqsDlq(self.parked),
                filters=[_inserted(sort_key)],
            )
        )
        state_machine.grant_start_execution(function)
        if function.role:
            acknowledge(
                function.role,
                "What SQS asks of the key for a queue's messages; the CDK's construct grants it.",
                "AwsSolutions-IAM5[Action::kms:GenerateDataKey*]",
                "AwsSolutions-IAM5[Action::kms:ReEncrypt*]",
            )


def _inserted(sort_key: str) -> Mapping[str, Any]:
    """Match the stream record of a new item of one kind."""
    return lambda_.FilterCriteria.filter(
        {
            "eventName": lambda_.FilterRule.is_equal("INSERT"),
            "dynamodb": {"Keys": {"sk": {"S": lambda_.FilterRule.is_equal(sort_key)}}},
        }
    )


def _parking_queue(scope: Construct, key: kms.IKey | None) -> sqs.Queue:
    queue = sqs.Queue(
        scope,
        "Parked",
        enforce_ssl=True,
        encryption=sqs.QueueEncryption.KMS if key else sqs.QueueEncryption.SQS_MANAGED,
        encryption_master_key=key,
        retention_period=_PARKED_FOR,
    )
    acknowledge(
        queue,
        "It is itself where failed batches go: the stream's on-failure destination, with an alarm.",
        "AwsSolutions-SQS3",
        "Serverless-SQSRedrivePolicy",
    )
    return queue
