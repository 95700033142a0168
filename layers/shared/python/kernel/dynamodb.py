"""DynamoDB as the services use it: consistent reads, conditional writes, transactions.

The functions here translate what the client raises: a cancelled transaction becomes
`TransactionCancelledError` with every reason of every item classified, a throttled or unreachable
service becomes `TemporarilyUnavailableError`. Nothing else of the client gets past this module.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, ParamSpec, TypeVar

from kernel.attribute_values import Attributes, Item, marshal, unmarshal
from kernel.aws.json_api import AwsRefusedError, AwsUnreachableError
from kernel.dynamodb_client import DynamoDbClient
from kernel.errors import TemporarilyUnavailableError
from kernel.observability import logger

__all__ = [
    "BY_USER",
    "Attributes",
    "Cancellation",
    "ConditionFailedError",
    "Item",
    "Reason",
    "TransactionCancelledError",
    "client",
    "marshal",
    "translated",
    "unmarshal",
]

# The index of every service's table that lists what a user has, newest first; it holds keys only.
BY_USER: Final = "by_user"

P = ParamSpec("P")
T = TypeVar("T")


class Reason(Enum):
    """Why one item of a cancelled transaction did not go through."""

    NONE = "None"
    CONDITION = "ConditionalCheckFailed"
    CONFLICT = "TransactionConflict"
    THROTTLED = "ThrottlingError"
    INVALID = "ValidationError"


_REASONS: Final = {
    "None": Reason.NONE,
    "ConditionalCheckFailed": Reason.CONDITION,
    "TransactionConflict": Reason.CONFLICT,
    "DuplicateItem": Reason.CONDITION,
    "ProvisionedThroughputExceeded": Reason.THROTTLED,
    "ThrottlingError": Reason.THROTTLED,
}


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What became of one item of a cancelled transaction.

    `item` is the item that stands in the way, where the write asked for it
    (`ReturnValuesOnConditionCheckFailure`).
    """

    reason: Reason
    item: Item | None


class TransactionCancelledError(Exception):
    """DynamoDB applied nothing of a transaction.

    Parameters
    ----------
    cancellations
        One per item, in the order of the items.
    """

    def __init__(self, cancellations: Sequence[Cancellation]) -> None:
        super().__init__(", ".join(cancellation.reason.name for cancellation in cancellations))
        self.cancellations = tuple(cancellations)


class ConditionFailedError(Exception):
    """The condition of a single write does not hold.

    Parameters
    ----------
    item
        The item as it is, where the write asked for it.
    """

    def __init__(self, item: Item | None) -> None:
        super().__init__("condition failed")
        self.item = item


@functools.cache
def client() -> DynamoDbClient:
    """Return the process's client: bounded in time, pooled, made once."""
    return DynamoDbClient.from_environment()


def translated(call: Callable[P, T]) -> Callable[P, T]:
    """Decorate an adapter's function so that it raises this module's errors only.

    Raises
    ------
    TransactionCancelledError
        If a transaction was cancelled.
    ConditionFailedError
        If the condition of a single write does not hold.
    TemporarilyUnavailableError
        If DynamoDB throttles, fails or cannot be reached in time.
    """

    @functools.wraps(call)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return call(*args, **kwargs)
        except AwsRefusedError as error:
            raise _translation(error) from error
        except AwsUnreachableError as error:
            logger.warning("dynamodb unreachable", extra={"error": str(error)})
            raise _unavailable() from error

    return wrapper


def _translation(error: AwsRefusedError) -> Exception:
    code, answer = error.code, error.answer
    if code == "TransactionCanceledException":
        return TransactionCancelledError(
            [_cancellation(reason) for reason in answer.get("CancellationReasons", [])]
        )
    if code == "ConditionalCheckFailedException":
        item = answer.get("Item")
        return ConditionFailedError(unmarshal(item) if item else None)
    if code == "TransactionConflictException":
        return TransactionCancelledError([Cancellation(Reason.CONFLICT, None)])
    if error.is_passing:
        logger.warning("dynamodb refuses", extra={"error": code})
        return _unavailable()
    return error


def _cancellation(reason: Mapping[str, Any]) -> Cancellation:
    item = reason.get("Item")
    kind = _REASONS.get(reason.get("Code", "None"), Reason.INVALID)
    return Cancellation(kind, unmarshal(item) if item else None)


def _unavailable() -> TemporarilyUnavailableError:
    return TemporarilyUnavailableError("The service is busy. Try again.")
