"""What workflows shows: the documents that its routes answer, and what the members mean."""

from __future__ import annotations

from typing import Annotated, NotRequired, TypedDict

from kernel.schema import Credits, RunId, Says, Time, WorkflowId
from workflows.domain.automation import Json
from workflows.domain.run import RunStatus
from workflows.domain.workflow import MAX_NAME_LENGTH

JsonObject = dict[str, Json]
AutomationId = Annotated[str, Says(pattern="^[a-z][a-z0-9-]{0,63}$", examples=["csv-summary"])]
Version = Annotated[int, Says("Counts the changes, from 1; also the `ETag`.", minimum=1)]


class AutomationDocument(TypedDict):
    """Something that can be run for credits."""

    id: AutomationId
    name: str
    description: str
    credit_cost: Annotated[Credits, Says("Today's price of a run.")]
    parameters_schema: Annotated[
        JsonObject, Says("JSON Schema 2020-12 of a workflow's `parameters`.")
    ]


class AutomationsDocument(TypedDict):
    """Every automation on sale."""

    data: list[AutomationDocument]


class WorkflowDocument(TypedDict):
    """An automation with a user's parameters, under a name."""

    id: WorkflowId
    name: Annotated[str, Says(minLength=1, maxLength=MAX_NAME_LENGTH)]
    automation_id: AutomationId
    parameters: JsonObject
    credit_cost: Annotated[
        Credits | None, Says("Today's price of a run; null: the automation is no longer sold.")
    ]
    version: Version
    created_at: Time
    updated_at: Time
    archived_at: NotRequired[Annotated[Time, Says("Of archived workflows only.")]]


class WorkflowListDocument(TypedDict):
    """A page of workflows, newest first."""

    data: list[WorkflowDocument]
    next_cursor: Annotated[str | None, Says("Send it as `cursor` for the next page; null: none.")]


class RunErrorDocument(TypedDict):
    """Why a run failed."""

    code: Annotated[str, Says("Stable, for programs.", examples=["automation_timed_out"])]
    message: Annotated[str, Says("A sentence for a person.")]


class RunDocument(TypedDict):
    """One paid execution of a workflow: `queued → running → succeeded | failed`.

    A run that fails gives its credits back, once.
    """

    id: RunId
    workflow_id: WorkflowId
    workflow_version: Version
    status: RunStatus
    credit_cost: Annotated[Credits, Says("What it cost.")]
    balance_after: Annotated[Credits, Says("The credits left after it was paid.")]
    output: Annotated[
        Json,
        Says(
            "What the automation answered; null until it succeeded. One over 100 KiB is shown as "
            "`{output_url, bytes}`, with a link that works for 15 minutes."
        ),
    ]
    error: Annotated[RunErrorDocument | None, Says("Null unless it failed.")]
    created_at: Time
    started_at: Time | None
    finished_at: Time | None


class RunListDocument(TypedDict):
    """A page of runs, newest first."""

    data: list[RunDocument]
    next_cursor: Annotated[str | None, Says("Send it as `cursor` for the next page; null: none.")]
