"""The bodies and query parameters of the workflow routes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from kernel.errors import ValidationFailedError
from kernel.ids import is_id
from kernel.pagination import InvalidCursorError, Page
from kernel.validation import RequestModel
from workflows.domain.run import RunStatus
from workflows.domain.workflow import MAX_NAME_LENGTH
from workflows.use_cases.edit_workflows import Edit

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME_LENGTH)
]


class CreateBody(RequestModel):
    """The body of `POST /v1/workflows`."""

    name: Name
    automation_id: Annotated[str, Field(min_length=1, max_length=64)]
    parameters: dict[str, Any]


class EditBody(RequestModel):
    """The body of `PATCH /v1/workflows/{id}`: what is left out stays, null is refused."""

    name: Name = ""
    parameters: dict[str, Any] = Field(default_factory=dict)

    def edit(self) -> Edit:
        """Return what is to change."""
        given = self.model_fields_set
        return Edit(
            name=self.name if "name" in given else None,
            parameters=self.parameters if "parameters" in given else None,
        )


def archived_of(query: Mapping[str, str]) -> bool:
    """Read `archived`: whether the archived workflows are asked for, or the others.

    Raises
    ------
    ValidationFailedError
        If it is neither `true` nor `false`.
    """
    value = query.get("archived", "false")
    if value not in {"true", "false"}:
        raise ValidationFailedError.at("/archived", "bool_parsing", "must be true or false")
    return value == "true"


def status_of(query: Mapping[str, str]) -> RunStatus | None:
    """Read `status`.

    Raises
    ------
    ValidationFailedError
        If no run can have it.
    """
    value = query.get("status")
    if value is None:
        return None
    try:
        return RunStatus(value)
    except ValueError:
        known = ", ".join(RunStatus)
        raise ValidationFailedError.at("/status", "enum", f"must be one of {known}") from None


def workflow_id_of(query: Mapping[str, str]) -> str | None:
    """Read `workflow_id`.

    Raises
    ------
    ValidationFailedError
        If it is no id of a workflow.
    """
    value = query.get("workflow_id")
    if value is not None and not is_id("wfl", value):
        raise ValidationFailedError.at("/workflow_id", "id", "must be the id of a workflow")
    return value


def position_of(page: Page) -> str | None:
    """Read the position in a list out of its cursor.

    Raises
    ------
    InvalidCursorError
        If the cursor holds none.
    """
    if page.after is None:
        return None
    position = page.after.get("listed_at") if isinstance(page.after, dict) else None
    if not isinstance(position, str) or not position:
        raise InvalidCursorError("The cursor was not issued by this list.")
    return position
