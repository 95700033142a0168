"""The purchase saga in Step Functions: starting it, and telling it that the payment ended."""

from __future__ import annotations

import functools
import json
from typing import Final

from kernel.aws.json_api import AwsError, AwsRefusedError, JsonApi
from kernel.errors import TemporarilyUnavailableError
from kernel.observability import logger
from kernel.step_functions import SERVICE
from kernel.tracing import handed_on

_READ_SECONDS: Final = 3.0  # somebody waits for the webhook's answer
_ALREADY_STARTED: Final = "ExecutionAlreadyExists"


@functools.cache
def client() -> JsonApi:
    """Return the process's client, made when it is first needed."""
    return JsonApi.from_environment(SERVICE, _READ_SECONDS)


def start(state_machine_arn: str, purchase_id: str, correlation_id: str) -> None:
    """Start a purchase's saga; a second start changes nothing.

    The execution is named after the purchase, so there is one for it at the most.

    Raises
    ------
    TemporarilyUnavailableError
        If it cannot be started now.
    """
    request = {
        "stateMachineArn": state_machine_arn,
        "name": purchase_id,
        "input": json.dumps({"purchase_id": purchase_id, "correlation_id": correlation_id}),
        **handed_on(),
    }
    try:
        client().call("StartExecution", request)
    except AwsError as error:
        if not _says(error, _ALREADY_STARTED):
            logger.warning("step functions refuses", extra={"error": str(error)})
            raise TemporarilyUnavailableError("The service is busy. Try again.") from error
        logger.info("saga runs already", extra={"purchase_id": purchase_id})


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
    request = {"taskToken": task_token, "output": json.dumps({"outcome": outcome})}
    try:
        client().call("SendTaskSuccess", request)
    except AwsError as error:
        logger.info("saga not told", extra={"error": str(error)})


def _says(error: AwsError, code: str) -> bool:
    return isinstance(error, AwsRefusedError) and error.code == code
