"""Adding an automation of the operator's: a branch of the saga, and leave for just that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from pydantic import ValidationError

import infra.workflows
from infra.catalogues import automations
from infra.settings import settings_of
from infra.stack import CreditEngineStack
from tests.infra.data_flow import defined_at, holds, used_by
from tests.infra.permissions import Permission, permissions
from tests.infra.states import StateMachine, machine
from tests.infra.synthesis import ROOT, Template, text_of
from workflows.catalogue.entries import CatalogueFile, Entry, read_entries
from workflows.catalogue.reading import FOLDER
from workflows.catalogue.schema_check import ParametersSchemaError

LAMBDA = "arn:aws:lambda:ap-southeast-1:210987654321:function:resize-images"
MACHINE = "arn:aws:states:ap-southeast-1:210987654321:stateMachine:monthly-report"
THIRD: dict[str, Any] = {
    "id": "resize-images",
    "name": "Resize images",
    "description": "Makes thumbnails.",
    "credit_cost": 20,
    "parameters_schema": {"type": "object", "properties": {"width": {"type": "integer"}}},
    "timeout_seconds": 120,
    "retry": {"max_attempts": 1, "interval_seconds": 5, "backoff_rate": 2},
    "target": {"lambda_arn": LAMBDA},
}
FOURTH = {**THIRD, "id": "monthly-report", "target": {"state_machine_arn": MACHINE}}


def catalogue(folder: Path, *added: dict[str, Any]) -> Path:
    """Write the stage's catalogue with further entries, as the operator does."""
    text = (FOLDER / "automations.dev.json").read_text(encoding="utf-8")
    document = json.loads(text)
    document["automations"] += added
    file = folder / "automations.dev.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Synthesise a stage whose catalogue has two more automations."""
    folder = catalogue(tmp_path_factory.mktemp("catalogue"), THIRD, FOURTH)
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    out = tmp_path_factory.mktemp("cdk.out")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(infra.workflows, "automations", lambda stage: read_entries(stage, folder))
        app = App(context={**context, "aws:cdk:bundling-stacks": []}, outdir=str(out))
        stack = CreditEngineStack(app, settings_of("dev"))
        body = app.synth().get_stack_by_name(stack.stack_name).template
    return Template(json.loads(json.dumps(body)))


@pytest.fixture
def saga(extended: Template) -> StateMachine:
    """Return the run state machine of that stage."""
    return machine(extended, "WorkflowsRunSaga")


def granted(template: Template, arn: str) -> list[Permission]:
    """List what may be done with a resource that is named by its ARN."""
    return [
        permission
        for permission in permissions(template)
        if any(isinstance(r, str) and r.startswith(arn) for r in permission.resources)
    ]


def test_each_automation_has_a_branch_with_its_time_out_and_retries(saga: StateMachine) -> None:
    """Given two more entries, the state machine runs them as the catalogue says."""
    for added, arn in ((THIRD, LAMBDA), (FOURTH, MACHINE)):
        state = saga.states[added["id"]]
        assert state["TimeoutSeconds"] == 120
        *_, verdict, broken = state["Retry"]
        assert (verdict["ErrorEquals"][0], verdict["MaxAttempts"]) == ("AutomationFailed", 0)
        assert (broken["MaxAttempts"], broken["IntervalSeconds"]) == (1, 5)
        assert arn in json.dumps(state["Parameters"])
        assert {catch["Next"] for catch in state["Catch"]} == {"GiveBack"}
    chosen = {
        choice["StringEquals"]: choice["Next"]
        for choice in saga.states["WhichAutomation"]["Choices"]
    }
    assert set(chosen) == {"csv-summary", "website-check", "resize-images", "monthly-report"}


def test_s01_the_new_branches_read_only_what_is_there(saga: StateMachine) -> None:
    """Given the longer state machine, no path is undefined and all states can be reached."""
    entered = defined_at(saga, {"$.run_id", "$.correlation_id"})
    for name, state in saga.states.items():
        for path in used_by(state):
            assert holds(entered[name], path), f"{name} reads {path}"
    assert saga.reachable(saga.start) == set(saga.states)


def test_d03_only_the_run_saga_may_invoke_the_operators_function(extended: Template) -> None:
    """Given the function's ARN, one role may invoke it, and nothing else of that account."""
    (permission,) = granted(extended, LAMBDA)
    assert permission.role.startswith("WorkflowsRunSaga")
    assert permission.actions == ("lambda:InvokeFunction",)
    named = [resource for resource in permission.resources if isinstance(resource, str)]
    assert named == [LAMBDA, f"{LAMBDA}:*"]


def test_d03_only_the_run_saga_may_start_the_operators_state_machine(extended: Template) -> None:
    """Given the state machine's ARN, one role may start it."""
    (permission,) = granted(extended, MACHINE)
    assert permission.role.startswith("WorkflowsRunSaga")
    assert permission.actions == ("states:StartExecution",)
    assert permission.resources == (MACHINE,)


def test_the_execution_of_the_operators_state_machine_can_be_followed(extended: Template) -> None:
    """Given a nested execution, it can be described, and stopped when its time is over."""
    following = [
        text_of(resource)
        for permission in permissions(extended)
        if "states:StopExecution" in permission.actions
        for resource in permission.resources
    ]
    assert following == ["arn:aws:states:ap-southeast-1:123456789012:execution:monthly-report*"]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"target": {"lambda_arn": "resize-images"}}, id="no ARN"),
        pytest.param({"target": {"lambda_arn": MACHINE}}, id="the ARN of something else"),
        pytest.param({"target": {"lambda_arn": f"{LAMBDA}*"}}, id="a pattern"),
        pytest.param({"target": {"lambda_arn": LAMBDA, "function": "x"}}, id="two targets"),
        pytest.param({"credit_cost": 0}, id="for nothing"),
        pytest.param({"id": "csv-summary"}, id="an id that is taken"),
        pytest.param({"timeout_seconds": 0}, id="no time"),
        pytest.param({"price": 3}, id="a member that nobody knows"),
    ],
)
def test_a_catalogue_that_cannot_be_run_does_not_synthesise(
    wrong: dict[str, Any], tmp_path: Path
) -> None:
    """Given an entry with a mistake, reading the file fails and names it."""
    with pytest.raises(ValidationError):
        read_entries("dev", catalogue(tmp_path, {**THIRD, **wrong}))


def test_parameters_that_cannot_be_validated_do_not_synthesise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Given a schema that is none, the synthesis names the automation."""
    broken = {**THIRD, "parameters_schema": {"type": "objekt"}}

    def entries(_stage: str) -> tuple[Entry, ...]:
        document = json.dumps({"automations": [broken]})
        return CatalogueFile.model_validate_json(document).automations

    monkeypatch.setattr("infra.catalogues.read_entries", entries)
    with pytest.raises(ParametersSchemaError, match="resize-images"):
        automations("dev")
