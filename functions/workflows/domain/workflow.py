"""Workflows: an automation with a user's parameters, under a name of the user's choice."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from kernel.errors import DomainError
from workflows.domain.automation import Json

MAX_NAME_LENGTH: Final = 100


class WorkflowNotFoundError(DomainError):
    """There is no such workflow."""

    code = "workflow_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such workflow.")


class WorkflowNotOwnedError(DomainError):
    """The workflow belongs to another user."""

    code = "workflow_not_owned"

    def __init__(self) -> None:
        super().__init__("This workflow belongs to another user.")


class WorkflowArchivedError(DomainError):
    """An archived workflow can be read, but neither changed nor run."""

    code = "workflow_archived"

    def __init__(self) -> None:
        super().__init__("This workflow is archived.")


class WorkflowNameTakenError(DomainError):
    """The user has another workflow of this name that is not archived."""

    code = "workflow_name_taken"

    def __init__(self) -> None:
        super().__init__("You have another workflow of this name.")


class VersionConflictError(DomainError):
    """The workflow is no longer at the version that the caller knows."""

    code = "version_conflict"

    def __init__(self) -> None:
        super().__init__("The workflow was changed meanwhile. Read it and try again.")


@dataclass(frozen=True, slots=True)
class Workflow:
    """A user's workflow; `version` counts its changes from 1."""

    id: str
    user_id: str
    name: str
    automation_id: str
    parameters: Mapping[str, Json]
    version: int
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    @property
    def claimed_name(self) -> str | None:
        """The key under which the name is taken; archiving sets the name free."""
        return name_key(self.name) if self.archived_at is None else None


def name_key(name: str) -> str:
    """Return what two names have in common that count as the same, whatever the case."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return hashlib.sha256(folded.encode()).hexdigest()


def owned(workflow: Workflow | None, user_id: str) -> Workflow:
    """Return the workflow if it is this user's.

    Raises
    ------
    WorkflowNotFoundError, WorkflowNotOwnedError
        If it is nobody's or another user's.
    """
    if workflow is None:
        raise WorkflowNotFoundError
    if workflow.user_id != user_id:
        raise WorkflowNotOwnedError
    return workflow


def active(workflow: Workflow) -> Workflow:
    """Return the workflow if it can be changed and run.

    Raises
    ------
    WorkflowArchivedError
        If it is archived.
    """
    if workflow.archived_at is not None:
        raise WorkflowArchivedError
    return workflow


def at_version(workflow: Workflow, expected: frozenset[int] | None) -> Workflow:
    """Return the workflow if it is at a version that the caller expects; None expects any.

    Raises
    ------
    VersionConflictError
        If it is at another.
    """
    if expected is not None and workflow.version not in expected:
        raise VersionConflictError
    return workflow


def edited(
    workflow: Workflow, *, name: str | None, parameters: Mapping[str, Json] | None, now: datetime
) -> Workflow:
    """Change name or parameters (as a whole); what changes nothing makes no new version."""
    changed = replace(
        workflow,
        name=workflow.name if name is None else name,
        parameters=workflow.parameters if parameters is None else parameters,
    )
    return workflow if changed == workflow else _next_version(changed, now)


def archived(workflow: Workflow, now: datetime) -> Workflow:
    """Archive a workflow; one that is archived stays as it is."""
    if workflow.archived_at is not None:
        return workflow
    return replace(_next_version(workflow, now), archived_at=now)


def _next_version(workflow: Workflow, now: datetime) -> Workflow:
    return replace(workflow, version=workflow.version + 1, updated_at=now)
