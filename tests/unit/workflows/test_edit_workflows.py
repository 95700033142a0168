"""Workflows: names, versions, ownership, archiving."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.errors import TemporarilyUnavailableError, ValidationFailedError
from kernel.ids import is_id
from tests.unit.workflows.fakes import MemoryWorkflows
from tests.unit.workflows.samples import (
    CATALOGUE,
    LATER,
    NOW,
    STRANGER,
    USER,
    WORKFLOW_ID,
    a_workflow,
)
from workflows.domain.automation import AutomationNotFoundError
from workflows.domain.workflow import (
    VersionConflictError,
    Workflow,
    WorkflowArchivedError,
    WorkflowNameTakenError,
    WorkflowNotFoundError,
    WorkflowNotOwnedError,
    name_key,
)
from workflows.use_cases.edit_workflows import Edit, Workflows


class World:
    """A store with some workflows."""

    def __init__(self, *stored: Workflow) -> None:
        self.store = MemoryWorkflows(*stored)
        self.workflows = Workflows(self.store, CATALOGUE)

    def create(self, **changes: Any) -> Workflow:  # noqa: ANN401  # passed on
        """Create a workflow of `USER`."""
        members = {"name": "Echo", "automation_id": "echo", "parameters": {"text": "hi"}}
        return self.workflows.create(USER, **{**members, **changes}, now=NOW)

    def edit(self, edit: Edit, *expected: int, user_id: str = USER) -> Workflow:
        """Edit the stored workflow, expecting these versions or, without any, all."""
        versions = frozenset(expected) or None
        return self.workflows.edit(user_id, WORKFLOW_ID, edit, expected=versions, now=LATER)

    def archive(self, *expected: int) -> None:
        """Archive the stored workflow."""
        versions = frozenset(expected) or None
        self.workflows.archive(USER, WORKFLOW_ID, expected=versions, now=LATER)


def test_a_new_workflow_is_at_version_1() -> None:
    """Given valid members, the workflow is stored with an id and version 1."""
    world = World()

    workflow = world.create()

    assert is_id("wfl", workflow.id)
    assert (workflow.version, workflow.created_at, workflow.updated_at) == (1, NOW, NOW)
    assert world.store.by_id[workflow.id] == workflow


def test_a_workflow_needs_an_automation_that_is_sold() -> None:
    """Given an unknown automation, nothing is stored."""
    with pytest.raises(AutomationNotFoundError):
        World().create(automation_id="gone")


@pytest.mark.parametrize(
    ("one", "other"),
    [("Report", "rEPORT"), ("Straße", "STRASSE"), ("ﬁle", "FILE"), ("Zoë", "Zoe\u0308")],
)
def test_names_that_differ_in_case_or_spelling_only_are_one(one: str, other: str) -> None:
    """Given two spellings of a name, they have the same key."""
    assert name_key(one) == name_key(other)


def test_a_name_is_taken_for_its_user_only() -> None:
    """Given a workflow of that name, its user cannot have another, and another user can."""
    world = World(a_workflow(name="ECHO"))
    with pytest.raises(WorkflowNameTakenError):
        world.create(name="echo")

    assert World(a_workflow(name="ECHO", user_id=STRANGER)).create(name="echo").name == "echo"


def test_an_edit_makes_the_next_version() -> None:
    """Given a new name and new parameters, both are changed and the version counts on."""
    edited = World(a_workflow()).edit(Edit(name="New", parameters={"text": "bye"}))

    assert (edited.name, edited.parameters) == ("New", {"text": "bye"})
    assert (edited.version, edited.created_at, edited.updated_at) == (2, NOW, LATER)


@pytest.mark.parametrize("edit", [Edit(), Edit(name="Nightly echo", parameters={"text": "hello"})])
def test_an_edit_that_changes_nothing_makes_no_version(edit: Edit) -> None:
    """Given nothing new, the workflow stays as it is and nothing is written."""
    world = World(a_workflow())

    assert world.edit(edit) == a_workflow()
    assert world.store.saves == 0


def test_an_edit_of_an_older_version_is_refused() -> None:
    """Given a caller who knows version 1 of a workflow at version 2, nothing changes."""
    world = World(a_workflow(version=2))
    with pytest.raises(VersionConflictError):
        world.edit(Edit(name="New"), 1)

    assert world.edit(Edit(name="New"), 1, 2).version == 3


def test_an_unconditional_edit_survives_another_edit() -> None:
    """Given an edit that comes between reading and writing, this one is made on top of it."""
    world = World(a_workflow())
    world.store.interfering = [a_workflow(parameters={"text": "first"}, version=2)]

    edited = world.edit(Edit(name="New"))

    assert (edited.name, edited.parameters, edited.version) == ("New", {"text": "first"}, 3)


def test_a_conditional_edit_does_not_survive_another_edit() -> None:
    """Given an edit that comes between reading and writing, the expected version is gone."""
    world = World(a_workflow())
    world.store.interfering = [a_workflow(parameters={"text": "first"}, version=2)]

    with pytest.raises(VersionConflictError):
        world.edit(Edit(name="New"), 1)


def test_an_edit_gives_up_when_others_are_always_first() -> None:
    """Given other edits without end and no condition that could fail, it may be tried again."""
    world = World(a_workflow())
    world.store.interfering = [a_workflow(version=version) for version in range(20, 1, -1)]

    with pytest.raises(TemporarilyUnavailableError):
        world.edit(Edit(name="New"))


def test_edited_parameters_are_validated() -> None:
    """Given parameters that the automation does not take, nothing is written."""
    world = World(a_workflow())
    with pytest.raises(ValidationFailedError):
        world.edit(Edit(parameters={}))

    assert world.store.saves == 0


def test_a_workflow_whose_automation_is_gone_can_still_be_renamed_and_archived() -> None:
    """Given an automation that is no longer sold, only its parameters are beyond change."""
    world = World(a_workflow(automation_id="gone"))

    assert world.edit(Edit(name="Old")).name == "Old"
    with pytest.raises(AutomationNotFoundError):
        world.edit(Edit(parameters={"text": "x"}))
    world.archive()


def test_archiving_sets_the_name_free_and_can_be_repeated() -> None:
    """Given a workflow archived twice, it is at its version 2, and its name can be taken."""
    world = World(a_workflow(name="Echo"))

    world.archive(1)
    world.archive(1)

    archived = world.store.by_id[WORKFLOW_ID]
    assert (archived.archived_at, archived.version) == (LATER, 2)
    assert world.create(name="Echo").name == "Echo"


def test_archiving_an_older_version_is_refused() -> None:
    """Given a caller who knows version 1 of a workflow at version 2, it stays."""
    world = World(a_workflow(version=2))
    with pytest.raises(VersionConflictError):
        world.archive(1)


def test_an_archived_workflow_can_be_read_and_not_edited() -> None:
    """Given an archived workflow, reading works and editing is refused."""
    world = World(a_workflow(archived_at=NOW))

    assert world.workflows.get(USER, WORKFLOW_ID).archived_at == NOW
    with pytest.raises(WorkflowArchivedError):
        world.edit(Edit(name="New"), 7)


def test_p01_another_users_workflow_is_out_of_reach() -> None:
    """Given a workflow of another user, every access is refused as not owned."""
    world = World(a_workflow(user_id=STRANGER))
    for access in (
        lambda: world.workflows.get(USER, WORKFLOW_ID),
        lambda: world.edit(Edit(name="Mine")),
        world.archive,
    ):
        with pytest.raises(WorkflowNotOwnedError):
            access()


def test_an_unknown_workflow_is_not_found() -> None:
    """Given an id that no workflow has, it is not found."""
    with pytest.raises(WorkflowNotFoundError):
        World().workflows.get(USER, WORKFLOW_ID)
