"""Workflows in DynamoDB: unique names, versions, lists."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kernel import dynamodb
from kernel.aws.json_api import AwsRefusedError
from kernel.errors import TemporarilyUnavailableError
from tests.unit.workflows.samples import LATER, NOW, STRANGER, USER, a_workflow
from workflows.adapters import listing, workflow_table
from workflows.adapters.workflow_table import WorkflowTable
from workflows.domain.workflow import Workflow, WorkflowNameTakenError, archived, edited
from workflows.use_cases.ports import StaleWorkflowError

STORE = WorkflowTable("Workflows")


def stored(**changes: Any) -> Workflow:  # noqa: ANN401  # passed on
    """Store a workflow."""
    workflow = a_workflow(**changes)
    STORE.add(workflow)
    return workflow


def listed(limit: int = 20, *, archived: bool = False) -> list[list[str]]:
    """Go through a list page by page and return the names."""
    pages, after = [], None
    while True:
        workflows, after = STORE.listed(USER, archived=archived, after=after, limit=limit)
        pages.append([workflow.name for workflow in workflows])
        if after is None:
            return pages


def test_a_workflow_is_read_as_it_was_stored() -> None:
    """Given free JSON in the parameters, every member comes back the same."""
    workflow = stored(parameters={"x": [1, 2.5, None, True, "é", {"n": 10**18}]})

    assert STORE.get(workflow.id) == workflow
    assert STORE.get("wfl_0000000000000unknown") is None


def test_a_name_is_taken_once_per_user() -> None:
    """Given a workflow of that name, another of its user's is refused and leaves nothing."""
    stored(name="Echo")

    with pytest.raises(WorkflowNameTakenError):
        stored(id="wfl_00000000000000000002", name="ECHO")

    assert STORE.get("wfl_00000000000000000002") is None
    stored(id="wfl_00000000000000000003", name="ECHO", user_id=STRANGER)


def test_a_rename_swaps_the_names() -> None:
    """Given a rename, the new name is taken and the old one is free."""
    before = stored(name="Old")
    STORE.save(before, edited(before, name="New", parameters=None, now=LATER))

    with pytest.raises(WorkflowNameTakenError):
        stored(id="wfl_00000000000000000002", name="new")
    stored(id="wfl_00000000000000000003", name="old")


def test_a_rename_to_a_taken_name_changes_nothing() -> None:
    """Given a name that another workflow has, the rename is refused as a whole."""
    stored(id="wfl_00000000000000000002", name="Taken")
    before = stored(name="Old")

    with pytest.raises(WorkflowNameTakenError):
        STORE.save(before, edited(before, name="taken", parameters=None, now=LATER))

    assert STORE.get(before.id) == before


def test_a_rename_in_case_only_keeps_the_name() -> None:
    """Given the same name in other case, it stays taken by this workflow."""
    before = stored(name="Echo")
    after = edited(before, name="ECHO", parameters=None, now=LATER)
    STORE.save(before, after)

    assert STORE.get(before.id) == after
    with pytest.raises(WorkflowNameTakenError):
        stored(id="wfl_00000000000000000002", name="echo")


def test_a_stale_workflow_is_not_written() -> None:
    """Given a write between reading and writing, the later one is refused."""
    before = stored()
    STORE.save(before, edited(before, name="First", parameters=None, now=LATER))

    with pytest.raises(StaleWorkflowError):
        STORE.save(before, edited(before, name="Second", parameters=None, now=LATER))


def test_an_archived_workflow_sets_its_name_free_and_changes_lists() -> None:
    """Given an archived workflow, it is in the list of archived ones and its name can be taken."""
    before = stored(name="Echo")
    STORE.save(before, archived(before, LATER))
    stored(id="wfl_00000000000000000002", name="echo")

    assert listed() == [["echo"]]
    assert listed(archived=True) == [["Echo"]]


def test_a_list_is_newest_first_and_goes_on_page_by_page() -> None:
    """Given five workflows of the user and one of another, pages of two show the five."""
    for number in range(5):
        moment = NOW + timedelta(seconds=number)
        stored(id=f"wfl_{number}", name=f"n{number}", created_at=moment)
    stored(id="wfl_x", user_id=STRANGER)

    assert listed(limit=2) == [["n4", "n3"], ["n2", "n1"], ["n0"]]
    assert listed(limit=5) == [["n4", "n3", "n2", "n1", "n0"]]


def test_a_page_may_take_several_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a page larger than one batch of reads, it holds all of its items in order."""
    monkeypatch.setattr(listing, "MAX_CHUNK", 2)
    for number in range(5):
        stored(id=f"wfl_{number}", name=f"n{number}")

    assert listed(limit=10) == [["n4", "n3", "n2", "n1", "n0"]]


def test_p05_a_page_of_large_items_ends_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given items that together are too large for an answer, a page holds fewer of them."""
    monkeypatch.setattr(listing, "MAX_PAGE_CHARACTERS", 1000)
    for number in range(3):
        stored(id=f"wfl_{number}", name=f"n{number}", parameters={"text": "x" * 600})

    assert listed() == [["n2"], ["n1"], ["n0"]]


def test_p05_a_page_passes_over_a_bounded_number_of_items(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given many items that the index still lists wrongly, a page ends and the next goes on."""
    monkeypatch.setattr(listing, "MAX_EXAMINED", 2)
    for number in range(5):
        stored(id=f"wfl_{number}", name=f"n{number}")
        if number:
            _list_wrongly(f"wfl_{number}")

    assert listed() == [[], [], ["n0"]]


def _list_wrongly(workflow_id: str) -> None:
    dynamodb.client().update_item(
        TableName="Workflows",
        Key=dynamodb.marshal({"pk": f"WORKFLOW#{workflow_id}", "sk": "WORKFLOW"}),
        UpdateExpression="SET archived_at = :now",
        ExpressionAttributeValues=dynamodb.marshal({":now": "2026-03-14T09:27:00.000Z"}),
    )


def test_l11_a_conflict_is_tried_again_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given transactions in conflict, the write is repeated, and given up at last."""
    conflict = dynamodb.TransactionCancelledError(
        [dynamodb.Cancellation(dynamodb.Reason.CONFLICT, None)] * 2
    )
    attempts: list[int] = []

    def conflicting(_items: object) -> None:
        attempts.append(1)
        raise conflict

    monkeypatch.setattr(workflow_table, "_write", conflicting)
    monkeypatch.setattr(workflow_table, "_CAP_SECONDS", 0)

    with pytest.raises(TemporarilyUnavailableError):
        stored()
    assert len(attempts) == 5


def test_l10_a_transaction_that_is_invalid_is_a_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a reason that repeating cannot cure, the error is not hidden."""
    invalid = dynamodb.TransactionCancelledError(
        [dynamodb.Cancellation(dynamodb.Reason.INVALID, None)]
    )

    def refuse(_items: object) -> None:
        raise invalid

    monkeypatch.setattr(workflow_table, "_write", refuse)

    with pytest.raises(dynamodb.TransactionCancelledError):
        stored()


def test_a_table_that_is_missing_is_a_defect() -> None:
    """Given a wrong table name, the error is not taken for a missing workflow."""
    with pytest.raises(AwsRefusedError, match="ResourceNotFoundException"):
        WorkflowTable("Nowhere").get("wfl_00000000000000000000")
