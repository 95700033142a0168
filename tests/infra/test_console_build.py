"""The console is built when its sources changed, and only then."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from infra.bundling import ROOT
from infra.console_build import ConsoleNotBuiltError, built_console

# Writes where the last argument says, as Vite does.
BUILDER = """#!/bin/sh
{outcome}
for folder; do :; done
mkdir -p "$folder"
echo built > "$folder/index.html"
"""


def write_builder(root: Path, outcome: str = "") -> None:
    """Put a program in the place of Vite."""
    program = root / "node_modules/.bin/vite"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(BUILDER.format(outcome=outcome), encoding="ascii")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with a console of one file."""
    (tmp_path / "web/src").mkdir(parents=True)
    (tmp_path / "web/src/main.tsx").write_text("one", encoding="ascii")
    write_builder(tmp_path)
    return tmp_path


def test_the_same_sources_are_built_once(root: Path) -> None:
    """Given a build, when it is asked for again, then the same folder comes back untouched."""
    folder = built_console(root)
    (folder / "mark").touch()

    assert (built_console(root) / "mark").exists()
    assert (folder / "index.html").read_text(encoding="ascii") == "built\n"


def test_a_change_builds_it_again(root: Path) -> None:
    """Given a build, when a source changes, then it is built again, beside the old one."""
    folder = built_console(root)
    (root / "web/src/main.tsx").write_text("two", encoding="ascii")

    assert built_console(root) != folder
    assert (folder / "index.html").exists()


def test_a_build_that_is_gone_is_made_again(root: Path) -> None:
    """Given a build, when its folder is deleted, then it is built again."""
    folder = built_console(root)
    (folder / "index.html").unlink()
    folder.rmdir()

    assert (built_console(root) / "index.html").exists()


def test_a_failure_is_told_and_tried_again(root: Path) -> None:
    """Given a mistake in the sources, when it is built, then the output is the message."""
    write_builder(root, "echo a mistake in main.tsx; exit 1")
    with pytest.raises(ConsoleNotBuiltError, match=r"a mistake in main\.tsx"):
        built_console(root)

    write_builder(root)
    assert built_console(root).is_dir()


def test_without_vite_it_is_said_what_to_do(tmp_path: Path) -> None:
    """Given a checkout that was not set up, when the console is built, then it says so."""
    with pytest.raises(ConsoleNotBuiltError, match="make setup"):
        built_console(tmp_path)


def test_the_real_console_is_built_by_vite() -> None:
    """Given this checkout, a page and hashed scripts come out of it."""
    folder = built_console(ROOT)
    assert (folder / "index.html").is_file()
    assert any((folder / "assets").glob("*.js"))
