"""Progress is one line per step."""

import re

import pytest

from local.steps import StackError, step


def test_a_step_tells_its_duration(capsys: pytest.CaptureFixture[str]) -> None:
    """Given a step, when it is over, then one line has its title and seconds."""
    with step("emulator ready"):
        pass

    assert re.fullmatch(r"  ✓ emulator ready +\d+\.\d s\n", capsys.readouterr().out)


def test_a_failed_step_is_marked_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    """Given a step that fails, when it is over, then it is marked and the error goes on."""
    with pytest.raises(StackError), step("emulator ready"):
        raise StackError("no")

    assert capsys.readouterr().out.startswith("  ✗ emulator ready")
