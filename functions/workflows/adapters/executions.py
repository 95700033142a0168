"""Starts executions of the run state machine."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Final

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_CONFIG: Final = Config(
    connect_timeout=1, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3}
)


class Executions:
    """The executions of one state machine, each named after its run."""

    def __init__(self, state_machine_arn: str) -> None:
        self._state_machine_arn = state_machine_arn

    def start(self, run_id: str, correlation_id: str) -> bool:
        """Start a run's execution; return False if it was started before.

        Raises
        ------
        botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError
            If it could not be started; the stream delivers the run again.
        """
        client = _client()
        try:
            client.start_execution(
                stateMachineArn=self._state_machine_arn,
                name=run_id,
                input=json.dumps({"run_id": run_id, "correlation_id": correlation_id}),
            )
        except client.exceptions.ExecutionAlreadyExists:
            return False
        return True


@functools.cache
def _client() -> SFNClient:
    return boto3.client("stepfunctions", config=_CONFIG)
