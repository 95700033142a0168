"""The purchase saga in Step Functions: starting it, and telling it that the payment ended."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from kernel.errors import TemporarilyUnavailableError
from kernel.observability import logger
from kernel.tracing import follow, handed_on

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_CONFIG: Final = Config(
    connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3}
)
_ALREADY_STARTED: Final = "ExecutionAlreadyExists"


@functools.cache
def client() -> SFNClient:
    """Return the process's client, made when it is first needed."""
    return follow(boto3.client("stepfunctions", config=_CONFIG))


def start(state_machine_arn: str, purchase_id: str, correlation_id: str) -> None:
    """Start a purchase's saga; a second start changes nothing.

    The execution is named after the purchase, so there is one for it at the most.

    Raises
    ------
    TemporarilyUnavailableError
        If it cannot be started now.
    """
    try:
        client().start_execution(
            stateMachineArn=state_machine_arn,
            name=purchase_id,
            input=json.dumps({"purchase_id": purchase_id, "correlation_id": correlation_id}),
            **handed_on(),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != _ALREADY_STARTED:
            raise _unavailable(error) from error
        logger.info("saga runs already", extra={"purchase_id": purchase_id})
    except BotoCoreError as error:
        raise _unavailable(error) from error


def signal(task_token: str, outcome: str) -> None:
    """Tell a waiting saga how the payment ended; best effort.

    What is paid is credited already, and a saga that is not told looks by itself after a while.
    A token may also be of a wait that is over (`TaskTimedOut`, `InvalidToken`).

    Parameters
    ----------
    task_token
        The token of the task that waits.
    outcome
        The purchase's status.
    """
    try:
        client().send_task_success(taskToken=task_token, output=json.dumps({"outcome": outcome}))
    except (ClientError, BotoCoreError) as error:
        logger.info("saga not told", extra={"error": _name(error)})


def _unavailable(error: Exception) -> TemporarilyUnavailableError:
    logger.warning("step functions refuses", extra={"error": _name(error)})
    return TemporarilyUnavailableError("The service is busy. Try again.")


def _name(error: Exception) -> str:
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"]
    return type(error).__name__
