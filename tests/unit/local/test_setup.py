"""What a fresh machine is told, and what is done again."""

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from local import setup

LOCK = """\
urllib3==2.8.0 \\
    --hash=sha256:aa
uv==0.13.9 \\
    --hash=sha256:bb \\
    --hash=sha256:cc
wrapt==2.0.0 \\
    --hash=sha256:dd
"""


def test_an_old_python_is_told_what_to_do() -> None:
    """Given Python 3.10, when it is checked, then the message names both versions."""
    with pytest.raises(setup.SetupError, match=r"Python 3\.10 is too old: install 3\.11"):
        setup.require_python((3, 10))


def test_a_python_without_venv_is_told_which_package_it_lacks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Given a Python packaged without ensurepip, when it is checked, then the package is named."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)

    with pytest.raises(setup.SetupError, match=r"apt install python3\.12-venv"):
        setup.require_python((3, 12))


@pytest.mark.parametrize("found", ["node", "npm", None])
def test_missing_node_or_npm_is_told(found: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a machine that lacks one of the two, when it is checked, then it is told."""
    monkeypatch.setattr(shutil, "which", lambda name: name if name == found else None)

    with pytest.raises(setup.SetupError, match=r"Node or npm is missing: install Node 20\.19"):
        setup.require_node()


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a version of Node on the machine."""

    def put(version: str) -> None:
        monkeypatch.setattr(shutil, "which", lambda name: name)
        monkeypatch.setattr(setup, "run", lambda *_command: f"{version}\n")

    return put


@pytest.mark.parametrize("version", ["v20.19.0", "v20.20.2", "v22.12.0", "v24.1.0", "v100.0.0"])
def test_a_node_that_vite_supports_will_do(node: Callable[[str], None], version: str) -> None:
    """Given a late Node 20 or 22, or a newer one, when it is checked, then nothing is said."""
    node(version)

    setup.require_node()


@pytest.mark.parametrize("version", ["v18.19.0", "v20.18.3", "v21.7.0", "v22.11.0", "unknown"])
def test_an_old_node_is_told_what_to_do(node: Callable[[str], None], version: str) -> None:
    """Given any other, when it is checked, then the message names its version and the oldest."""
    node(version)

    with pytest.raises(setup.SetupError, match=rf"Node {version} is too old: install Node 20\.19"):
        setup.require_node()


def test_one_package_is_cut_out_of_a_lock_with_all_its_hashes() -> None:
    """Given a lock, when uv is cut out, then it is its line and its hashes, no others."""
    assert setup.locked("uv", LOCK) == (
        "uv==0.13.9 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n"
    )


def test_a_lock_without_the_package_is_refused() -> None:
    """Given a lock, when a package is not in it, then the message names the command."""
    with pytest.raises(setup.SetupError, match="does not lock pip: run `make lock`"):
        setup.locked("pip", LOCK)


def test_a_virtual_environment_of_another_python_is_not_ours(tmp_path: Path) -> None:
    """Given a virtual environment, when its Python is another one, then it is not ours."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python").touch()
    settings = tmp_path / "pyvenv.cfg"

    settings.write_text(f"version = {setup.VERSION}.7\n", encoding="ascii")
    assert setup.is_of_this_python(tmp_path)
    settings.write_text("version = 3.9.1\n", encoding="ascii")
    assert not setup.is_of_this_python(tmp_path)


def test_a_task_runs_once_until_an_input_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a task was carried out, when its input changes, then it is again, and not before."""
    monkeypatch.setattr(setup, "STAMPS", tmp_path / "stamps")
    lock, output = tmp_path / "lock", tmp_path / "output"
    lock.write_text("1", encoding="ascii")
    task = setup.Task("tools", (lock,), output, output.touch)

    assert task.bring_up_to_date()
    assert not task.bring_up_to_date()
    lock.write_text("2", encoding="ascii")
    assert task.bring_up_to_date()
    output.unlink()
    assert task.bring_up_to_date()


def test_a_failed_command_shows_its_output() -> None:
    """Given a program that fails, when it is run, then what it said is the error."""
    with pytest.raises(setup.SetupError, match="no such volume"):
        setup.run("/bin/sh", "-c", "echo no such volume; exit 3")
