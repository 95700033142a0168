"""The record of what operators did: who, when, what, why, and what came of it.

One item per action under `OPERATOR_LOG#<year>-<month>`, put once and never changed: no role may
update or delete one, and none expires. An action that moves credits puts its record in the same
transaction. PCI DSS 4.0.1, 10.2.1.2 and 10.2.2 say what has to be in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from kernel import dynamodb
from kernel.clock import parse_rfc3339, rfc3339
from kernel.observability import logger

MAX_REASON_LENGTH: Final = 200
MAX_OPERATOR_LENGTH: Final = 600  # an ARN as `caller_identity` takes it: 512 after the account
_PREFIX: Final = "OPERATOR_LOG#"
_BEYOND_LAST: Final = "~"

Detail = str | int | bool | None


@dataclass(frozen=True, slots=True)
class OperatorRecord:
    """One action of one operator.

    `operator` is the ARN that AWS confirmed, `subject` the id of what it was about, `outcome` one
    of few stable words. No member ever holds an e-mail address of a user.
    """

    id: str
    at: datetime
    operator: str
    operation: str
    subject: str | None
    outcome: str
    reason: str | None = None
    details: Mapping[str, Detail] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return the record as plain values."""
        return {
            "id": self.id,
            "at": rfc3339(self.at),
            "operator": self.operator,
            "operation": self.operation,
            "subject": self.subject,
            "outcome": self.outcome,
            "reason": self.reason,
            "details": dict(self.details),
        }


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Records, newest first; `before` leads to older ones, None ends the month."""

    records: tuple[OperatorRecord, ...]
    before: str | None


class OperatorLog:
    """Appends to the operators' log of one service, and reads it.

    Parameters
    ----------
    table_name
        The service's own table.
    """

    def __init__(self, table_name: str) -> None:
        self._table_name = table_name

    def write_of(self, record: OperatorRecord) -> dict[str, Any]:
        """Return a record as an element of a transaction."""
        return {"Put": self._put(record)}

    def append(self, record: OperatorRecord) -> None:
        """Store a record; the same one again, for example after an answer that got lost, is stored.

        Raises
        ------
        ConditionFailedError
            If another one is stored with its time and id.
        TemporarilyUnavailableError
            If DynamoDB does not take it.
        """
        try:
            self._append(record)
        except dynamodb.ConditionFailedError as error:
            if error.item is None or _record(error.item).document() != record.document():
                raise

    def append_once(self, record: OperatorRecord) -> None:
        """Store a record unless there is one, somebody else's perhaps, with its time and id."""
        try:
            self._append(record)
        except dynamodb.ConditionFailedError:
            logger.info("recorded already", extra={"record_id": record.id})

    @dynamodb.translated
    def _append(self, record: OperatorRecord) -> None:
        put = {**self._put(record), "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        dynamodb.client().put_item(**put)

    @dynamodb.translated
    def month(self, month: str, before: str | None, limit: int) -> RecordPage:
        """Read a month's records, newest first.

        Parameters
        ----------
        month
            `YYYY-MM`, in UTC.
        before
            Where the page before ended, None at the start.
        limit
            How many at the most.
        """
        bounds = {":pk": f"{_PREFIX}{month}", ":before": before or _BEYOND_LAST}
        answer = dynamodb.client().query(
            TableName=self._table_name,
            KeyConditionExpression="pk = :pk AND sk < :before",
            ExpressionAttributeValues=dynamodb.marshal(bounds),
            ConsistentRead=True,
            ScanIndexForward=False,
            Limit=limit,
        )
        items = [dynamodb.unmarshal(item) for item in answer["Items"]]
        goes_on = "LastEvaluatedKey" in answer
        return RecordPage(tuple(map(_record, items)), items[-1]["sk"] if goes_on else None)

    def _put(self, record: OperatorRecord) -> dict[str, Any]:
        at = rfc3339(record.at)
        item = {
            **record.document(),
            "pk": f"{_PREFIX}{at[:7]}",
            "sk": f"{at}#{record.id}",
        }
        return {
            "TableName": self._table_name,
            "Item": dynamodb.marshal(item),
            "ConditionExpression": "attribute_not_exists(pk)",
        }


def _record(item: Mapping[str, Any]) -> OperatorRecord:
    return OperatorRecord(
        id=item["id"],
        at=parse_rfc3339(item["at"]),
        operator=item["operator"],
        operation=item["operation"],
        subject=item["subject"],
        outcome=item["outcome"],
        reason=item["reason"],
        details=item["details"],
    )
