"""Creates, shows, changes and archives workflows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kernel.errors import TemporarilyUnavailableError
from kernel.ids import new_id
from workflows.domain.automation import Catalogue, Json
from workflows.domain.parameters import verify_parameters
from workflows.domain.workflow import (
    Workflow,
    active,
    archived,
    at_version,
    edited,
    owned,
)
from workflows.use_cases.ports import StaleWorkflowError, WorkflowStore

_MAX_ATTEMPTS: Final = 5


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to change; None leaves a member as it is."""

    name: str | None = None
    parameters: Mapping[str, Json] | None = None


class Workflows:
    """A user's workflows."""

    def __init__(self, store: WorkflowStore, catalogue: Catalogue) -> None:
        self._store = store
        self._catalogue = catalogue

    def create(
        self,
        user_id: str,
        *,
        name: str,
        automation_id: str,
        parameters: Mapping[str, Json],
        now: datetime,
    ) -> Workflow:
        """Create a workflow.

        Raises
        ------
        AutomationNotFoundError
            If the catalogue holds no such automation.
        ValidationFailedError
            If the parameters are not what the automation takes.
        WorkflowNameTakenError
            If the user has another of this name.
        """
        verify_parameters(self._catalogue.automation(automation_id), parameters)
        workflow = Workflow(
            new_id("wfl"),
            user_id,
            name,
            automation_id,
            parameters,
            1,
            created_at=now,
            updated_at=now,
        )
        self._store.add(workflow)
        return workflow

    def get(self, user_id: str, workflow_id: str) -> Workflow:
        """Return a workflow, archived or not.

        Raises
        ------
        WorkflowNotFoundError, WorkflowNotOwnedError
            If it is nobody's or another user's.
        """
        return owned(self._store.get(workflow_id), user_id)

    def edit(
        self,
        user_id: str,
        workflow_id: str,
        edit: Edit,
        *,
        expected: frozenset[int] | None,
        now: datetime,
    ) -> Workflow:
        """Change a workflow.

        Parameters
        ----------
        expected
            The versions that the caller knows (`If-Match`); None stands for any.

        Raises
        ------
        WorkflowNotFoundError, WorkflowNotOwnedError, WorkflowArchivedError, VersionConflictError
            If the workflow cannot be changed by this request.
        ValidationFailedError, AutomationNotFoundError
            If the new parameters are not what the automation takes, or it is no longer sold.
        WorkflowNameTakenError
            If the user has another of the new name.
        TemporarilyUnavailableError
            If other edits always came between.
        """

        def change(workflow: Workflow) -> Workflow:
            at_version(active(workflow), expected)
            if edit.parameters is not None:
                automation = self._catalogue.automation(workflow.automation_id)
                verify_parameters(automation, edit.parameters)
            return edited(workflow, name=edit.name, parameters=edit.parameters, now=now)

        return self._change(user_id, workflow_id, change)

    def archive(
        self, user_id: str, workflow_id: str, *, expected: frozenset[int] | None, now: datetime
    ) -> None:
        """Archive a workflow, which sets its name free; archiving it again changes nothing.

        Raises
        ------
        WorkflowNotFoundError, WorkflowNotOwnedError, VersionConflictError
            If the workflow cannot be archived by this request. What is archived already needs no
            version to match: the request has succeeded before (RFC 9110, section 13.1.1).
        TemporarilyUnavailableError
            If edits always came between.
        """

        def change(workflow: Workflow) -> Workflow:
            if workflow.archived_at is None:
                at_version(workflow, expected)
            return archived(workflow, now)

        self._change(user_id, workflow_id, change)

    def _change(
        self, user_id: str, workflow_id: str, change: Callable[[Workflow], Workflow]
    ) -> Workflow:
        """Read, decide and write, again where another write came between.

        Who named the versions that will do gets a conflict from `change` then. Whoever named none
        set no condition that could fail (RFC 9110, section 13.1.1), and is asked to try again.
        """
        for _ in range(_MAX_ATTEMPTS):
            before = self.get(user_id, workflow_id)
            after = change(before)
            if after is before:
                return before
            try:
                self._store.save(before, after)
            except StaleWorkflowError:
                continue
            return after
        raise TemporarilyUnavailableError("The workflow is being changed. Try again.")
