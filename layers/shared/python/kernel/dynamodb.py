"""DynamoDB as the services use it: consistent reads, conditional writes, transactions.

The functions here translate what botocore raises: a cancelled transaction becomes
`TransactionCancelledError` with every reason of every item classified, a throttled or unreachable
service becomes `TemporarilyUnavailableError`. Nothing else of botocore gets past this module.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from kernel.errors import TemporarilyUnavailableError
from kernel.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]
Attributes = Mapping[str, Any]
P = ParamSpec("P")
T = TypeVar("T")

_CONFIG: Final = Config(
    connect_timeout=1,
    read_timeout=3,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=8,
)
_SERIALIZER: Final = TypeSerializer()
_DESERIALIZER: Final = TypeDeserializer()
_SERVER_ERROR: Final = 500
_TEMPORARY: Final = frozenset(
    {
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionInProgressException",
    }
)


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
def client() -> DynamoDBClient:
    """Return the process's client: bounded in time, pooled, made once."""
    return boto3.client("dynamodb", config=_CONFIG)


def marshal(item: Attributes) -> dict[str, Any]:
    """Turn plain values into DynamoDB's attribute values; floats are refused."""
    return {name: _SERIALIZER.serialize(value) for name, value in item.items()}


def unmarshal(attributes: Attributes) -> Item:
    """Turn DynamoDB's attribute values into plain values; numbers are integers."""
    return {name: _plain(_DESERIALIZER.deserialize(value)) for name, value in attributes.items()}


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
        except ClientError as error:
            raise _translation(error) from error
        except BotoCoreError as error:
            logger.warning("dynamodb unreachable", extra={"error": type(error).__name__})
            raise _unavailable() from error

    return wrapper


def _translation(error: ClientError) -> Exception:
    response: Mapping[str, Any] = error.response
    code = response["Error"]["Code"]
    if code == "TransactionCanceledException":
        return TransactionCancelledError(
            [_cancellation(reason) for reason in response.get("CancellationReasons", [])]
        )
    if code == "ConditionalCheckFailedException":
        item = response.get("Item")
        return ConditionFailedError(unmarshal(item) if item else None)
    if code == "TransactionConflictException":
        return TransactionCancelledError([Cancellation(Reason.CONFLICT, None)])
    if code in _TEMPORARY or _is_server_error(response):
        logger.warning("dynamodb refuses", extra={"error": code})
        return _unavailable()
    return error


def _is_server_error(response: Mapping[str, Any]) -> bool:
    """Tell whether DynamoDB, or what stands before it, failed; such errors may have no code."""
    status: int = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= _SERVER_ERROR


def _cancellation(reason: Mapping[str, Any]) -> Cancellation:
    item = reason.get("Item")
    kind = _REASONS.get(reason.get("Code", "None"), Reason.INVALID)
    return Cancellation(kind, unmarshal(item) if item else None)


def _unavailable() -> TemporarilyUnavailableError:
    return TemporarilyUnavailableError("The service is busy. Try again.")


def _plain(value: Any) -> Any:  # noqa: ANN401  # whatever DynamoDB holds
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, list):
        return [_plain(child) for child in value]
    if isinstance(value, dict):
        return {name: _plain(child) for name, child in value.items()}
    return bytes(value.value) if hasattr(value, "value") else value
