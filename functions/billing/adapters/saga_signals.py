"""Telling a purchase saga that waits in Step Functions how the payment ended."""

from __future__ import annotations

import functools
import json
from typing import Final

from kernel.aws.json_api import AwsError, JsonApi
from kernel.observability import logger
from kernel.sagas.step_functions import SERVICE

_READ_SECONDS: Final = 3.0  # somebody waits for the webhook's answer


@functools.cache
def client() -> JsonApi:
    """Return the process's client, made when it is first needed."""
    return JsonApi.from_environment(SERVICE, _READ_SECONDS)


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
