"""Runs in DynamoDB: reads, and the transitions that move no credits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from kernel.clock import rfc3339
from kernel.dynamodb import (
    ConditionFailedError,
    Item,
    client,
    marshal,
    translated,
    unmarshal,
)
from kernel.dynamodb_reads import MAX_BATCH_KEYS, get_item, get_items
from kernel.ids import is_id
from workflows.adapters.items import (
    output_members,
    run_key,
    run_of,
    runs_list,
    workflow_key,
    workflow_of,
)
from workflows.adapters.listing import page
from workflows.domain.run import Run, RunNotFoundError, RunStatus, StoredOutput
from workflows.domain.workflow import Workflow

_UNSETTLED: Final = (RunStatus.QUEUED, RunStatus.RUNNING)
# The count is there from the second execution on.
_EXECUTIONS_ARE_STILL: Final = (
    "(executions = :seen OR (attribute_not_exists(executions) AND :seen = :once))"
)


class RunTable:
    """The runs' part of the table."""

    def __init__(self, table_name: str) -> None:
        self._table_name = table_name

    def get(self, run_id: str) -> Run | None:
        """Read a run consistently; what is no run's id is not looked for."""
        item = get_item(self._table_name, run_key(run_id)) if is_id("run", run_id) else None
        return run_of(item) if item else None

    def workflow_and_run(self, workflow_id: str, run_id: str) -> tuple[Workflow | None, Run | None]:
        """Read a workflow and a run consistently, in one call."""
        if not is_id("wfl", workflow_id):  # DynamoDB would refuse both for a key too long
            return None, self.get(run_id)
        keys = [workflow_key(workflow_id), run_key(run_id)]
        items = {item["pk"]: item for item in get_items(self._table_name, keys)}
        workflow, run = (items.get(key["pk"]["S"]) for key in keys)
        return workflow_of(workflow) if workflow else None, run_of(run) if run else None

    def listed(
        self,
        user_id: str,
        *,
        workflow_id: str | None,
        status: RunStatus | None,
        after: str | None,
        limit: int,
    ) -> tuple[list[Run], str | None]:
        """Read a page of a user's runs, of one workflow or status if wanted.

        Returns
        -------
        tuple of runs and position
            The position is None at the list's end.
        """

        def keep(item: Item) -> bool:
            return workflow_id in {None, item["workflow_id"]} and status in {None, item["status"]}

        items, position = page(
            self._table_name, runs_list(user_id), after=after, limit=limit, keep=keep
        )
        return [run_of(item) for item in items], position

    def mark_running(self, run_id: str, now: datetime) -> Run:
        """Take a queued run to `running`; return any other as it is.

        Raises
        ------
        RunNotFoundError
            If there is no such run.
        TemporarilyUnavailableError
            If the table cannot be written now.
        """
        members = {"status": str(RunStatus.RUNNING), "started_at": rfc3339(now)}
        return self._transition(run_id, members, (RunStatus.QUEUED,))[0]

    def mark_succeeded(self, run_id: str, output: StoredOutput, now: datetime) -> tuple[Run, bool]:
        """Take an unsettled run to `succeeded`; return any other as it is.

        Returns
        -------
        tuple of Run and bool
            Whether this call did it.

        Raises
        ------
        RunNotFoundError
            If there is no such run.
        TemporarilyUnavailableError
            If the table cannot be written now.
        """
        members = {
            "status": str(RunStatus.SUCCEEDED),
            "finished_at": rfc3339(now),
            **output_members(output),
        }
        return self._transition(run_id, members, _UNSETTLED)

    def unsettled(self, run_ids: Sequence[str]) -> Iterator[Run]:
        """Read those of some runs consistently that have not come to their end.

        Raises
        ------
        TemporarilyUnavailableError
            If the table cannot be read now.
        """
        for start in range(0, len(run_ids), MAX_BATCH_KEYS):
            keys = [run_key(run_id) for run_id in run_ids[start : start + MAX_BATCH_KEYS]]
            runs = map(run_of, get_items(self._table_name, keys))
            yield from (run for run in runs if not run.is_settled)

    def count_execution(self, run: Run) -> bool:
        """Record that a run gets a further execution, unless it changed meanwhile; say whether.

        Raises
        ------
        TemporarilyUnavailableError
            If the table cannot be written now.
        """
        members = {"executions": run.executions + 1}
        try:
            _update(transition(self._table_name, run.id, members, unchanged=run))
        except ConditionFailedError:
            return False
        return True

    def _transition(
        self, run_id: str, members: Mapping[str, Any], sources: tuple[RunStatus, ...]
    ) -> tuple[Run, bool]:
        try:
            return run_of(_update(transition(self._table_name, run_id, members, sources))), True
        except ConditionFailedError as error:
            if error.item is None:
                raise RunNotFoundError from error
            return run_of(error.item), False


def transition(
    table_name: str,
    run_id: str,
    members: Mapping[str, Any],
    sources: tuple[RunStatus, ...] = _UNSETTLED,
    unchanged: Run | None = None,
) -> dict[str, Any]:
    """Build the update that sets members of a run which stands in one of some statuses.

    It fits UpdateItem as well as a transaction's `Update`, and brings the run along where the
    condition refuses it.

    Parameters
    ----------
    table_name, run_id
        Where the run is.
    members
        What to set.
    sources
        The statuses in which that is allowed.
    unchanged
        The run as it was when this was decided: it must have the same status still, and no
        further execution.
    """
    condition, values = _in_status((unchanged.status,) if unchanged else sources)
    if unchanged:
        condition += f" AND {_EXECUTIONS_ARE_STILL}"
        values |= {":seen": unchanged.executions, ":once": 1}
    return {
        "TableName": table_name,
        "Key": run_key(run_id),
        "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in members),
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {f"#{name}": name for name in {*members, "status"}},
        "ExpressionAttributeValues": marshal(
            {**{f":{name}": value for name, value in members.items()}, **values}
        ),
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def _in_status(sources: tuple[RunStatus, ...]) -> tuple[str, dict[str, Any]]:
    statuses = {f":from{index}": str(status) for index, status in enumerate(sources)}
    return f"#status IN ({', '.join(statuses)})", {**statuses}


@translated
def _update(update: Mapping[str, Any]) -> Item:
    answer = client().update_item(**update, ReturnValues="ALL_NEW")
    return unmarshal(answer["Attributes"])
