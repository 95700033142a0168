"""Parameters are checked against the automation's schema, with pointers to what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.errors import ValidationFailedError
from tests.unit.workflows.samples import ECHO
from workflows.domain.automation import Automation
from workflows.domain.parameters import verify_parameters


def findings(parameters: dict[str, Any], automation: Automation = ECHO) -> list[tuple[str, str]]:
    """Return pointer and code of every finding."""
    with pytest.raises(ValidationFailedError) as refusal:
        verify_parameters(automation, parameters)
    errors: Any = refusal.value.members["errors"]
    return [(error["pointer"], error["code"]) for error in errors]


def test_valid_parameters_pass() -> None:
    """Given what the schema asks for, nothing is raised."""
    verify_parameters(ECHO, {"text": "hello", "times": 2, "style": {"bold/face": True}})


@pytest.mark.parametrize(
    ("parameters", "finding"),
    [
        ({}, ("/parameters/text", "required")),
        ({"text": 1}, ("/parameters/text", "type")),
        ({"text": "abc", "times": True}, ("/parameters/times", "type")),
        ({"text": "abc", "times": 0}, ("/parameters/times", "minimum")),
        ({"text": "ABC"}, ("/parameters/text", "pattern")),
        ({"text": "abc", "user_id": "x"}, ("/parameters/user_id", "additionalProperties")),
        (
            {"text": "abc", "style": {"bold/face": 1}},
            ("/parameters/style/bold~1face", "type"),
        ),
    ],
)
def test_p02_every_problem_is_pointed_at(
    parameters: dict[str, Any], finding: tuple[str, str]
) -> None:
    """Given one problem, the one finding points at the member and names the rule."""
    assert findings(parameters) == [finding]


def test_all_problems_are_reported_at_once() -> None:
    """Given several problems, there is a finding for each."""
    found = findings({"times": 0, "one": 1, "two": 2})

    assert sorted(pointer for pointer, _ in found) == [
        "/parameters/one",
        "/parameters/text",
        "/parameters/times",
        "/parameters/two",
    ]


def test_p05_findings_are_bounded() -> None:
    """Given more problems than anyone reads, 50 are reported."""
    assert len(findings({"text": "x", **{f"n{index}": 0 for index in range(200)}})) == 50


def test_no_finding_repeats_the_value() -> None:
    """Given a value that does not belong there, it is not in the messages."""
    with pytest.raises(ValidationFailedError) as refusal:
        verify_parameters(ECHO, {"text": "CONFIDENTIAL", "times": "CONFIDENTIAL"})

    assert "CONFIDENTIAL" not in str(refusal.value.members)
