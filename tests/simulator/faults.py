"""What can go wrong with a call, before it had its effect and after."""

from __future__ import annotations

from enum import Enum
from typing import Any, Final

from billing.adapters.omise_errors import OmiseUnavailableError
from kernel.aws.json_api import AwsError, AwsRefusedError, AwsUnreachableError
from tests.simulator.wire import Call


class KilledError(BaseException):
    """The function's process ended here: nothing of it runs any further."""


class Fault(Enum):
    """A way for a call to fail."""

    KILLED_BEFORE = "killed before"
    KILLED_AFTER = "killed after"
    LOST_BEFORE = "no answer, nothing done"
    LOST_AFTER = "no answer, but done"
    THROTTLED = "throttled"
    CONFLICT = "in conflict"


_AFTER: Final = frozenset({Fault.KILLED_AFTER, Fault.LOST_AFTER})
_KILLS: Final = frozenset({Fault.KILLED_BEFORE, Fault.KILLED_AFTER})


def suffer(call: Call, fault: Fault) -> Any:  # noqa: ANN401  # it never returns
    """Let a call fail.

    Raises
    ------
    KilledError
        If the process ends.
    AwsUnreachableError, AwsRefusedError, OmiseUnavailableError
        What the called one's client raises.
    """
    if fault in _AFTER:
        call.send()
    if fault in _KILLS:
        raise KilledError(f"{fault.value} {call.operation}")
    if call.service == "omise":
        raise OmiseUnavailableError("ReadTimeout")
    if fault is Fault.CONFLICT:
        raise _conflict(call)
    if fault is Fault.THROTTLED:
        raise _throttled()
    raise AwsUnreachableError("TimeoutError")


def _throttled() -> AwsError:
    return AwsRefusedError("ThrottlingException", {})


def _conflict(call: Call) -> AwsError:
    """Refuse as DynamoDB does while another transaction holds an item."""
    items = call.request.get("TransactItems")
    if items is None:
        return _throttled()
    reasons = [{"Code": "TransactionConflict"}, *({"Code": "None"} for _ in items[1:])]
    return AwsRefusedError("TransactionCanceledException", {"CancellationReasons": reasons})
