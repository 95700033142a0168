"""State machines that operators start: what they asked for and what it came to are both recorded.

Starting is not part of a transaction, so it is recorded first; what it came to is recorded by
whoever asks first after its end, once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from kernel.clock import rfc3339
from kernel.errors import OperationRefusedError
from kernel.ids import derived_id
from kernel.operators.fields import Reason, RequestId
from kernel.operators.log import Detail, OperatorLog
from kernel.operators.operations import Act, Call
from kernel.sagas.executions import Outcome, execution_name
from kernel.sagas.step_functions import StateMachine
from kernel.validation import RequestModel

Json = dict[str, Any]
Tell = Callable[[str, Outcome], Json]
MAX_EXECUTIONS: Final = 20
_WHO_AND_WHY: Final[Mapping[str, None]] = {"operator": None, "reason": None}
_SHOWS_AFTER: Final = (0.0, 0.2, 0.5, 1.0, 2.0)  # seconds; reads of executions lag a moment


class StartRequest(RequestModel):
    """Something to run now that runs by itself at other times."""

    request_id: RequestId
    reason: Reason


class OfRequest(RequestModel):
    """What was started, by the id that was given to it."""

    request_id: RequestId


class RequestNotFoundError(OperationRefusedError):
    """No execution has this name, or not yet."""

    code = "request_not_found"


class RequestReusedError(OperationRefusedError):
    """The id belongs to another request."""

    code = "request_id_reused"


@dataclass(frozen=True, slots=True)
class OperatorRun:
    """One state machine, as operators start it.

    Parameters
    ----------
    machine
        The state machine.
    log
        Where it is recorded.
    tell
        Says in plain values what an execution came to, given its name and outcome.
    """

    machine: StateMachine
    log: OperatorLog
    tell: Tell

    def start(
        self,
        request_id: str,
        given: Mapping[str, Any],
        call: Call,
        *,
        reason: str,
        details: Mapping[str, Detail] | None = None,
    ) -> Json:
        """Start an execution; the same id again starts another one only if that was lost.

        Raises
        ------
        RequestReusedError
            If something else was asked for under this id.
        """
        self.log.append(call.record("asked", request_id, reason=reason, details=details))
        return {"request_id": request_id, "started": self._started(request_id, given)}

    def _started(self, request_id: str, given: Mapping[str, Any]) -> bool:
        for number in range(1, MAX_EXECUTIONS + 1):
            name = execution_name(request_id, number)
            if self.machine.start(name, given):
                self._wait_until_it_shows(name)
                return True
            known = self.machine.outcome(name)
            if known is not None and not _is_the_same(known.given, given):
                raise RequestReusedError("Something else was asked for under this id.")
            if known is None or not known.is_lost:
                return False
        return False

    def _wait_until_it_shows(self, name: str) -> None:
        """Let nobody see the lost execution before it as the latest one."""
        for seconds in _SHOWS_AFTER:
            time.sleep(seconds)
            if self.machine.outcome(name) is not None:
                return

    def _latest(self, request_id: str) -> tuple[str, Outcome] | None:
        latest: tuple[str, Outcome] | None = None
        for number in range(1, MAX_EXECUTIONS + 1):
            name = execution_name(request_id, number)
            found = self.machine.outcome(name)
            if found is None:
                break
            latest = (name, found)
            if not found.is_lost:
                break
        return latest

    def outcome(self, request_id: str, call: Call) -> Json:
        """Tell what an execution came to, and record it once it is over.

        Raises
        ------
        RequestNotFoundError
            If there is no such execution.
        """
        latest = self._latest(request_id)
        if latest is None:
            raise RequestNotFoundError("There is nothing under this id.")
        name, found = latest
        told: Json = {"status": found.status, **self.tell(name, found)}
        if found.ended_at is not None:
            record = call.record(found.status, request_id, details=_plain(told))
            named = derived_id("rec", request_id, call.operation)
            self.log.append_once(replace(record, id=named, at=found.ended_at))
        return told


def _is_the_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Compare what was asked for, whoever asked, and whatever their reason."""
    ours, theirs = ({**given, **_WHO_AND_WHY} for given in (one, other))
    return ours == theirs


def run_operations(name: str, run: OperatorRun, given: Mapping[str, Any]) -> dict[str, Act]:
    """Make the operations that start a run and tell what it came to.

    Parameters
    ----------
    name
        What it is called; what it came to is then `<name>_outcome`.
    run
        What is started.
    given
        Its input.
    """

    def start(call: Call) -> Json:
        asked = call.read(StartRequest)
        return run.start(asked.request_id, given, call, reason=asked.reason)

    def outcome(call: Call) -> Json:
        return run.outcome(call.read(OfRequest).request_id, call)

    return {name: Act(start), f"{name}_outcome": Act(outcome)}


def handled_before(patience: timedelta) -> Tell:
    """Tell up to when a sweep that succeeded certainly looked at everything.

    Parameters
    ----------
    patience
        How old an item must be for the sweep to look at it.
    """

    def tell(_request_id: str, outcome: Outcome) -> Json:
        if outcome.status != "succeeded":
            return {}
        return {"handled_before": rfc3339(outcome.started_at - patience)}

    return tell


def _plain(told: Json) -> dict[str, Detail]:
    """Keep what a record can hold."""
    return {
        name: value
        for name, value in told.items()
        if name != "status" and isinstance(value, str | int | bool | None)
    }
