"""Executions of a state machine: started under a name that is theirs alone, and looked at.

A name starts one execution at the most, for 90 days. That makes names the way to say "once": who
comes second is told so, whoever came first.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from kernel.errors import TemporarilyUnavailableError
from kernel.executions import Execution, Outcome
from kernel.observability import logger
from kernel.tracing import follow, handed_on

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_stepfunctions.literals import ExecutionStatusType

P = ParamSpec("P")
T = TypeVar("T")

_CONFIG: Final = Config(
    connect_timeout=1, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3}
)
_UNSUCCESSFUL: Final[tuple[ExecutionStatusType, ...]] = ("FAILED", "TIMED_OUT", "ABORTED")
_RUNNING: Final = frozenset({"RUNNING", "PENDING_REDRIVE"})
_PAGE_SIZE: Final = 1_000
_MAX_PAGES: Final = 10


@functools.cache
def client() -> SFNClient:
    """Return the process's client: bounded in time, made when it is first needed."""
    return follow(boto3.client("stepfunctions", config=_CONFIG))


def _translated(call: Callable[P, T]) -> Callable[P, T]:
    @functools.wraps(call)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return call(*args, **kwargs)
        except (ClientError, BotoCoreError) as error:
            logger.warning("step functions refuses", extra={"error": _name(error)})
            raise TemporarilyUnavailableError("The service is busy. Try again.") from error

    return wrapper


class StateMachine:
    """One state machine.

    Every method raises `TemporarilyUnavailableError` if Step Functions does not answer.

    Parameters
    ----------
    arn
        Its ARN.
    """

    def __init__(self, arn: str) -> None:
        self._arn = arn

    @_translated
    def start(self, name: str, given: Mapping[str, Any]) -> bool:
        """Start an execution; return False if one of this name was started before.

        There is never a second one. While the first runs, starting it again with the same input
        is no error to Step Functions, and cannot be told from starting it.

        Parameters
        ----------
        name
            Its name, at most 80 characters.
        given
            Its input.
        """
        try:
            client().start_execution(
                stateMachineArn=self._arn, name=name, input=json.dumps(given), **handed_on()
            )
        except client().exceptions.ExecutionAlreadyExists:
            return False
        return True

    @_translated
    def execution(self, name: str) -> Execution | None:
        """Look at an execution; None if there is none of this name (yet: reads lag a moment)."""
        try:
            found = client().describe_execution(executionArn=self._execution_arn(name))
        except client().exceptions.ExecutionDoesNotExist:
            return None
        return Execution(found["status"] in _RUNNING, found.get("error"))

    @_translated
    def outcome(self, name: str) -> Outcome | None:
        """Tell what an execution came to; None if there is none of this name."""
        try:
            found = client().describe_execution(executionArn=self._execution_arn(name))
        except client().exceptions.ExecutionDoesNotExist:
            return None
        status = "RUNNING" if found["status"] in _RUNNING else found["status"]
        output = json.loads(found["output"]) if "output" in found else {}
        return Outcome(status.lower(), output, found["startDate"], found.get("stopDate"))

    @_translated
    def task_outputs(self, name: str) -> list[dict[str, Any]]:
        """Read what an execution's tasks answered, from the first 10,000 events of its history."""
        answers: list[dict[str, Any]] = []
        request: dict[str, Any] = {"executionArn": self._execution_arn(name)}
        for _ in range(_MAX_PAGES):
            page = client().get_execution_history(**request, maxResults=_PAGE_SIZE)
            answers += [
                json.loads(event["taskSucceededEventDetails"]["output"])
                for event in page["events"]
                if "taskSucceededEventDetails" in event
            ]
            if "nextToken" not in page:
                break
            request["nextToken"] = page["nextToken"]
        return answers

    @_translated
    def unsuccessful_since(self, moment: datetime) -> list[str]:
        """Name the executions that began since then and failed, timed out or were aborted.

        At most 10,000 of each, the latest.
        """
        return [name for status in _UNSUCCESSFUL for name in self._listed(status, moment)]

    def _listed(self, status: ExecutionStatusType, since: datetime) -> Iterator[str]:
        request: dict[str, Any] = {"stateMachineArn": self._arn, "statusFilter": status}
        for _ in range(_MAX_PAGES):
            page = client().list_executions(**request, maxResults=_PAGE_SIZE)
            for found in page["executions"]:  # the latest come first
                if found["startDate"] < since:
                    return
                yield found["name"]
            if "nextToken" not in page:
                return
            request["nextToken"] = page["nextToken"]

    def _execution_arn(self, name: str) -> str:
        return f"{self._arn.replace(':stateMachine:', ':execution:', 1)}:{name}"


def _name(error: ClientError | BotoCoreError) -> str:
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"]
    return type(error).__name__
