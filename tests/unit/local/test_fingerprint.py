"""A step runs again only when what it is made from changed."""

from pathlib import Path
from threading import Thread

import pytest

from local.fingerprint import Stamp, fingerprint, one_at_a_time


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """A folder with one file in it."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code/handler.py").write_text("answer = 42", encoding="ascii")
    return tmp_path


def test_same_files_same_fingerprint(inputs: Path) -> None:
    """Given nothing changed, when it is taken again, then it is the same."""
    assert fingerprint(inputs, ["code"]) == fingerprint(inputs, ["code"])


@pytest.mark.parametrize("change", ["code/handler.py", "code/new.py"])
def test_a_changed_or_new_file_changes_it(inputs: Path, change: str) -> None:
    """Given a file is written, when it is taken again, then it differs."""
    before = fingerprint(inputs, ["code"])
    (inputs / change).write_text("answer = 43", encoding="ascii")

    assert fingerprint(inputs, ["code"]) != before


def test_a_renamed_file_changes_it(inputs: Path) -> None:
    """Given a file is renamed, when it is taken again, then it differs."""
    before = fingerprint(inputs, ["code"])
    (inputs / "code/handler.py").rename(inputs / "code/other.py")

    assert fingerprint(inputs, ["code"]) != before


def test_byte_code_does_not_change_it(inputs: Path) -> None:
    """Given tests left byte code behind, when it is taken again, then it is the same."""
    before = fingerprint(inputs, ["code"])
    (inputs / "code/__pycache__").mkdir()
    (inputs / "code/__pycache__/handler.cpython-311.pyc").write_bytes(b"\0")

    assert fingerprint(inputs, ["code"]) == before


def test_a_missing_input_counts_as_empty(inputs: Path) -> None:
    """Given a name that does not exist, when it is added, then nothing changes."""
    assert fingerprint(inputs, ["code", "web"]) == fingerprint(inputs, ["code"])


def test_a_stamp_matches_what_was_written_until_it_is_removed(tmp_path: Path) -> None:
    """Given a written stamp, when it is asked, then only the same fingerprint matches."""
    stamp = Stamp(tmp_path / "stamps/synth")
    assert not stamp.matches("a")

    stamp.write("a")
    assert stamp.matches("a")
    assert not stamp.matches("b")

    stamp.remove()
    assert not stamp.matches("a")


def test_what_all_stacks_use_is_made_by_one_at_a_time(tmp_path: Path) -> None:
    """Given one that builds, another one waits until it is done."""
    order: list[str] = []

    def build() -> None:
        with one_at_a_time(tmp_path / "stamps/lock"):
            order.append("second")

    other = Thread(target=build)
    with one_at_a_time(tmp_path / "stamps/lock"):
        other.start()
        other.join(0.1)
        order.append("first")
    other.join(10)

    assert order == ["first", "second"]
