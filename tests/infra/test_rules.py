"""D06: what cdk-nag and checkov find is acknowledged beside its resource, or not there."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_sqs as sqs

import infra.workflows
from infra import acknowledgements, check
from infra.acknowledgements import acknowledge
from infra.rules import apply_rules, rule_packs
from infra.settings import STAGES, StageSettings
from infra.stack import CreditEngineStack
from infra.stage_exceptions import OMISSIONS
from tests.infra.synthesis import ROOT, synthesised
from tests.infra.test_automations import FOURTH, THIRD, catalogue
from workflows.catalogue.entries import read_entries

if TYPE_CHECKING:
    from constructs import IConstruct

Finding = tuple[str, str]  # a construct's path under the stack, and the rule


def stack_of(settings: StageSettings, folder: Path) -> CreditEngineStack:
    """Make a stage's constructs."""
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    app = App(context={**context, "aws:cdk:bundling-stacks": []}, outdir=str(folder))
    return CreditEngineStack(app, settings)


def path_in_stack(path: str) -> str:
    """Return a path without the stage in it."""
    return f"{path}/".partition("/")[2]


def findings(stack: Stack) -> Iterator[Finding]:
    """List what the packs find in a stack."""
    for pack in rule_packs(stack):
        for violation in pack.validate_scope(stack).violations:
            for resource in violation.violating_resources:
                yield path_in_stack(str(resource.construct_path)), violation.rule_name


@pytest.fixture(scope="module")
def unacknowledged(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[set[Finding], dict[Finding, str]]:
    """Find what there is in all stages with nothing acknowledged, and list what would be."""
    said: dict[Finding, str] = {}

    def only_write_down(construct: IConstruct, rule: str, reason: str) -> None:
        said[path_in_stack(construct.node.path), rule] = reason

    found: set[Finding] = set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(acknowledgements, "_tell_cdk_nag", only_write_down)
        for settings in STAGES.values():
            found |= set(findings(stack_of(settings, tmp_path_factory.mktemp("cdk.out"))))
    return found, said


@pytest.mark.parametrize("stage", STAGES)
def test_d06_no_finding_is_left(stage: str, tmp_path: Path) -> None:
    """AwsSolutions, Serverless and PCI DSS have nothing to say about any stage."""
    assert sorted(findings(stack_of(STAGES[stage], tmp_path))) == []


def test_d06_no_acknowledgement_excepts_nothing(
    unacknowledged: tuple[set[Finding], dict[Finding, str]],
) -> None:
    """Each one is about a finding in some stage, so that none outlives its reason."""
    found, said = unacknowledged
    stale = [
        (path, rule)
        for path, rule in said
        if not any(what == rule and where.startswith(path) for where, what in found)
        and not rule.startswith("@aws-cdk/")  # a warning of the CDK itself, which no pack finds
    ]
    assert stale == []


def test_d06_every_acknowledgement_has_a_reason(
    unacknowledged: tuple[set[Finding], dict[Finding, str]],
) -> None:
    """A sentence, and never the same rule for a whole stack in the name of one part of it."""
    _, said = unacknowledged
    assert said
    for (path, rule), reason in said.items():
        assert len(reason.split()) >= 5, (path, rule, reason)
        assert reason.endswith("."), reason


@pytest.mark.parametrize("stage", ["staging", "prod"])
def test_d06_a_protected_stage_leaves_nothing_out(stage: str) -> None:
    """What other stages may omit, these have."""
    assert all(getattr(STAGES[stage], omission.setting) for omission in OMISSIONS)


def test_d06_the_operators_automations_keep_the_rules_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A catalogue with targets of the operator's own brings no finding."""
    folder = catalogue(tmp_path, THIRD, FOURTH)
    monkeypatch.setattr(infra.workflows, "automations", lambda stage: read_entries(stage, folder))
    assert sorted(findings(stack_of(STAGES["dev"], tmp_path / "cdk.out"))) == []


def test_d06_a_finding_ends_the_synthesis(tmp_path: Path) -> None:
    """A queue that nobody thought about does not deploy."""
    app = App(outdir=str(tmp_path))
    sqs.Queue(Stack(app, "Careless"), "Queue")
    apply_rules(app)
    with pytest.raises(RuntimeError, match="AwsSolutions-SQS3"):
        app.synth()


def test_d06_an_acknowledgement_for_checkov_stands_in_the_resource() -> None:
    """Given a rule of checkov, its exception is where that tool reads it, with the reason."""
    queue = sqs.Queue(Stack(App(), "Careful"), "Queue")
    resource = queue.node.default_child
    acknowledge(queue, "Only for this test of what is written.", "CKV_AWS_27")
    assert resource
    assert resource.get_metadata("checkov") == {  # type: ignore[attr-defined]  # a CfnResource
        "skip": [{"id": "CKV_AWS_27", "comment": "Only for this test of what is written."}]
    }


def test_d06_every_exception_for_checkov_is_about_a_rule_of_the_resource() -> None:
    """No stage's template has an exception at a resource of another type."""
    for stage in STAGES:
        for name, resource in synthesised(stage).body["Resources"].items():
            for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", []):
                assert acknowledgements.TYPES[skip["id"]] == resource["Type"], name
                assert skip["comment"], name


def test_d06_checks_fail_when_a_tool_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Given a tool that finds something, when it is checked, then its words are shown."""
    monkeypatch.setattr(subprocess, "run", fails_with("Check: CKV_AWS_27"))
    assert not check.passes("checkov", ["checkov"])
    assert "CKV_AWS_27" in capsys.readouterr().err


def fails_with(output: str) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Make a stand-in for a tool that found something."""

    def run(command: list[str], **_options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, stdout=output, stderr="")

    return run
