"""Workflows in DynamoDB; an item per taken name keeps each user's names unique."""

from __future__ import annotations

import time
from typing import Any, Final

from kernel.backoff import full_jitter
from kernel.dynamodb import Reason, TransactionCancelledError, client, marshal, translated
from kernel.dynamodb_reads import get_item
from kernel.errors import TemporarilyUnavailableError
from kernel.ids import is_id
from workflows.adapters.items import (
    name_item_key,
    workflow_item,
    workflow_key,
    workflow_of,
    workflows_list,
)
from workflows.adapters.listing import page
from workflows.domain.workflow import Workflow, WorkflowNameTakenError
from workflows.use_cases.ports import StaleWorkflowError

_MAX_ATTEMPTS: Final = 5
_BASE_SECONDS: Final = 0.02
_CAP_SECONDS: Final = 0.4

TransactItem = dict[str, Any]


class WorkflowTable:
    """The workflows' part of the table."""

    def __init__(self, table_name: str) -> None:
        self._table_name = table_name

    def get(self, workflow_id: str) -> Workflow | None:
        """Read a workflow consistently; what is no workflow's id is not looked for."""
        if not is_id("wfl", workflow_id):
            return None
        item = get_item(self._table_name, workflow_key(workflow_id))
        return workflow_of(item) if item else None

    def add(self, workflow: Workflow) -> None:
        """Store a new workflow and take its name, in one transaction.

        Raises
        ------
        WorkflowNameTakenError
            If the user has another of this name.
        TemporarilyUnavailableError
            If the table cannot be written now.
        """
        self._commit([self._put(workflow, "attribute_not_exists(pk)"), *self._claim(workflow)])

    def save(self, before: Workflow, after: Workflow) -> None:
        """Replace a workflow and, where its name changes, swap the names, in one transaction.

        Raises
        ------
        StaleWorkflowError
            If the stored workflow is no longer at the version of `before`.
        WorkflowNameTakenError
            If the user has another of the new name.
        TemporarilyUnavailableError
            If the table cannot be written now.
        """
        names = []
        if before.claimed_name != after.claimed_name:
            names = [*self._release(before), *self._claim(after)]
        put = self._put(after, "version = :version", {":version": before.version})
        self._commit([put, *names])

    def listed(
        self, user_id: str, *, archived: bool, after: str | None, limit: int
    ) -> tuple[list[Workflow], str | None]:
        """Read a page of a user's workflows: the archived ones, or the others.

        Returns
        -------
        tuple of workflows and position
            The position is None at the list's end.
        """
        items, position = page(
            self._table_name,
            workflows_list(user_id, archived=archived),
            after=after,
            limit=limit,
            # The index follows the table with a delay; the item itself knows better.
            keep=lambda item: ("archived_at" in item) is archived,
        )
        return [workflow_of(item) for item in items], position

    def _put(
        self, workflow: Workflow, condition: str, values: dict[str, Any] | None = None
    ) -> TransactItem:
        put: dict[str, Any] = {
            "TableName": self._table_name,
            "Item": marshal(workflow_item(workflow)),
            "ConditionExpression": condition,
        }
        if values:
            put["ExpressionAttributeValues"] = marshal(values)
        return {"Put": put}

    def _claim(self, workflow: Workflow) -> list[TransactItem]:
        if workflow.claimed_name is None:
            return []
        key = name_item_key(workflow.user_id, workflow.claimed_name)
        put = {
            "TableName": self._table_name,
            "Item": {**key, **marshal({"workflow_id": workflow.id})},
            "ConditionExpression": "attribute_not_exists(pk)",
        }
        return [{"Put": put}]

    def _release(self, workflow: Workflow) -> list[TransactItem]:
        if workflow.claimed_name is None:
            return []
        delete = {
            "TableName": self._table_name,
            "Key": name_item_key(workflow.user_id, workflow.claimed_name),
            "ConditionExpression": "workflow_id = :id",
            "ExpressionAttributeValues": marshal({":id": workflow.id}),
        }
        return [{"Delete": delete}]

    def _commit(self, items: list[TransactItem]) -> None:
        for attempt in range(_MAX_ATTEMPTS):
            try:
                _write(items)
            except TransactionCancelledError as error:
                _raise_refusal(error)
                time.sleep(
                    full_jitter(attempt, base_seconds=_BASE_SECONDS, cap_seconds=_CAP_SECONDS)
                )
            else:
                return
        raise TemporarilyUnavailableError("The service is busy. Try again.")


@translated
def _write(items: list[TransactItem]) -> None:
    client().transact_write_items(TransactItems=items)


def _raise_refusal(error: TransactionCancelledError) -> None:
    """Say which condition refused; a conflict or throttling is none and may be tried again.

    The workflow is the first item of every transaction here, a name that is claimed the last.
    """
    refused = [item.reason is Reason.CONDITION for item in error.cancellations]
    if refused and refused[0]:
        raise StaleWorkflowError from error
    if any(refused):
        raise WorkflowNameTakenError from error
    if any(item.reason is Reason.INVALID for item in error.cancellations):
        raise error
