"""The bodies and query parameters of the workflow routes."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from kernel.pagination import InvalidCursorError, Page
from kernel.schema import Says
from kernel.validation import RequestModel
from workflows.domain.workflow import MAX_NAME_LENGTH
from workflows.use_cases.edit_workflows import Edit

Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME_LENGTH),
    Says("Unique among your workflows, whatever the case.", examples=["Visitors per city"]),
]
Parameters = Annotated[dict[str, Any], Says("As the automation's `parameters_schema` wants them.")]


class WorkflowBody(RequestModel):
    """A workflow to be made."""

    name: Name
    automation_id: Annotated[
        str,
        Field(min_length=1, max_length=64),
        Says("Of `GET /v1/automations`.", examples=["csv-summary"]),
    ]
    parameters: Parameters


class WorkflowChangeBody(RequestModel):
    """What is to change; what is left out stays, null is refused."""

    name: Name = ""
    parameters: Parameters = Field(default_factory=dict)

    def edit(self) -> Edit:
        """Return what is to change."""
        given = self.model_fields_set
        return Edit(
            name=self.name if "name" in given else None,
            parameters=self.parameters if "parameters" in given else None,
        )


def position_of(page: Page) -> str | None:
    """Read the position in a list out of its cursor.

    Raises
    ------
    InvalidCursorError
        If the cursor holds none.
    """
    if page.after is None:
        return None
    position = page.after.get("listed_at")
    if not position:
        raise InvalidCursorError("The cursor was not issued by this list.")
    return position
