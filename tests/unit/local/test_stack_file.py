"""What tools learn about a stack that is not there."""

from pathlib import Path

import pytest

from local.stack_file import StackFile
from local.steps import StackError


def test_a_stack_that_is_not_ready_is_said_to_be_so(tmp_path: Path) -> None:
    """Given a stack that is still coming up, a command ends with one line, not with a trace."""
    with pytest.raises(StackError, match="not ready"):
        StackFile.read(tmp_path / "stack.json")
