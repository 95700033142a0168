"""Executions of a state machine: started under a name that is theirs alone, and looked at.

A name starts one execution at the most, for 90 days. That makes names the way to say "once": who
comes second is told so, whoever came first.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, ParamSpec, TypeVar

from kernel.aws.json_api import AwsError, AwsRefusedError, JsonApi, Service
from kernel.errors import TemporarilyUnavailableError
from kernel.observability import logger
from kernel.sagas.executions import Execution, Outcome
from kernel.tracing import handed_on

P = ParamSpec("P")
T = TypeVar("T")

SERVICE: Final = Service("states", "SFN", "AWSStepFunctions", "1.0", "AWS_ENDPOINT_URL_SFN")
_READ_SECONDS: Final = 5.0
_UNSUCCESSFUL: Final = ("FAILED", "TIMED_OUT", "ABORTED")
_RUNNING: Final = frozenset({"RUNNING", "PENDING_REDRIVE"})
_PAGE_SIZE: Final = 1_000
_MAX_PAGES: Final = 10


@functools.cache
def client() -> JsonApi:
    """Return the process's client: bounded in time, made when it is first needed."""
    return JsonApi.from_environment(SERVICE, _READ_SECONDS)


def _translated(call: Callable[P, T]) -> Callable[P, T]:
    @functools.wraps(call)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return call(*args, **kwargs)
        except AwsError as error:
            logger.warning("step functions refuses", extra={"error": str(error)})
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
        request = {
            "stateMachineArn": self._arn,
            "name": name,
            "input": json.dumps(given),
            **handed_on(),
        }
        return _unless("ExecutionAlreadyExists", "StartExecution", request) is not None

    @_translated
    def execution(self, name: str) -> Execution | None:
        """Look at an execution; None if there is none of this name (yet: reads lag a moment)."""
        request = {"executionArn": self._execution_arn(name)}
        found = _unless("ExecutionDoesNotExist", "DescribeExecution", request)
        if found is None:
            return None
        return Execution(found["status"] in _RUNNING, found.get("error"))

    @_translated
    def outcome(self, name: str) -> Outcome | None:
        """Tell what an execution came to; None if there is none of this name."""
        request = {"executionArn": self._execution_arn(name)}
        found = _unless("ExecutionDoesNotExist", "DescribeExecution", request)
        if found is None:
            return None
        status = "RUNNING" if found["status"] in _RUNNING else found["status"]
        output = json.loads(found["output"]) if found.get("output") else {}
        ended = found.get("stopDate")
        return Outcome(
            status.lower(),
            output,
            _moment(found["startDate"]),
            _moment(ended) if ended else None,
            json.loads(found["input"]),
        )

    @_translated
    def task_outputs(self, name: str) -> list[dict[str, Any]]:
        """Read what an execution's tasks answered, from the first 10,000 events of its history."""
        answers: list[dict[str, Any]] = []
        request = {"executionArn": self._execution_arn(name), "maxResults": _PAGE_SIZE}
        for _ in range(_MAX_PAGES):
            page = client().call("GetExecutionHistory", request)
            answers += [
                json.loads(event["taskSucceededEventDetails"]["output"])
                for event in page["events"]
                if "taskSucceededEventDetails" in event
            ]
            if not page.get("nextToken"):
                break
            request["nextToken"] = page["nextToken"]
        else:
            logger.error("history longer than what is read of it", extra={"execution": name})
        return answers

    @_translated
    def unsuccessful_since(self, moment: datetime) -> list[str]:
        """Name the executions that began since then and failed, timed out or were aborted.

        At most 10,000 of each, the latest.
        """
        return [name for status in _UNSUCCESSFUL for name in self._listed(status, moment)]

    def _listed(self, status: str, since: datetime) -> Iterator[str]:
        request: dict[str, Any] = {
            "stateMachineArn": self._arn,
            "statusFilter": status,
            "maxResults": _PAGE_SIZE,
        }
        for _ in range(_MAX_PAGES):
            page = client().call("ListExecutions", request)
            for found in page["executions"]:  # the latest come first
                if _moment(found["startDate"]) < since:
                    return
                yield found["name"]
            if not page.get("nextToken"):
                return
            request["nextToken"] = page["nextToken"]

    def _execution_arn(self, name: str) -> str:
        return f"{self._arn.replace(':stateMachine:', ':execution:', 1)}:{name}"


def _moment(seconds: float) -> datetime:
    """Read a time as Step Functions tells it."""
    return datetime.fromtimestamp(seconds, UTC)


def _unless(refusal: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any] | None:
    """Call an operation; return None if it is refused for this reason."""
    try:
        return client().call(operation, request)
    except AwsRefusedError as error:
        if error.code == refusal:
            return None
        raise
