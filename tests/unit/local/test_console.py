"""The console is built when its sources changed, and only then."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from local.console import build_console
from local.layout import Layout
from local.steps import StackError

BUILDER = """#!/bin/sh
{outcome}
mkdir -p dist
echo built >> dist/index.html
"""


def write_builder(root: Path, outcome: str = "") -> None:
    """Put a program in the place of Vite."""
    program = root / "node_modules/.bin/vite"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(BUILDER.format(outcome=outcome), encoding="ascii")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A checkout with a console of one file."""
    (tmp_path / "web/src").mkdir(parents=True)
    (tmp_path / "web/package.json").write_text("{}", encoding="ascii")
    (tmp_path / "web/src/main.tsx").write_text("one", encoding="ascii")
    write_builder(tmp_path)
    return Layout(tmp_path)


def test_it_is_built_once(layout: Layout) -> None:
    """Given sources that did not change, when it is brought up to date twice, then once is it."""
    assert build_console(layout)
    assert not build_console(layout)

    assert (layout.console / "index.html").read_text(encoding="ascii") == "built\n"


def test_a_change_builds_it_again(layout: Layout) -> None:
    """Given a build, when a source changes, then it is built again."""
    build_console(layout)
    (layout.root / "web/src/main.tsx").write_text("two", encoding="ascii")

    assert build_console(layout)


def test_a_build_that_is_gone_is_made_again(layout: Layout) -> None:
    """Given a build, when its files are deleted, then it is built again."""
    build_console(layout)
    (layout.console / "index.html").unlink()

    assert build_console(layout)


def test_a_failure_is_told_and_tried_again(layout: Layout) -> None:
    """Given a mistake in the sources, when it is built, then the output is the message."""
    write_builder(layout.root, "echo a mistake in main.tsx; exit 1")
    with pytest.raises(StackError, match=r"a mistake in main\.tsx"):
        build_console(layout)

    write_builder(layout.root)
    assert build_console(layout)


def test_without_a_console_there_is_nothing_to_do(tmp_path: Path) -> None:
    """Given a checkout without `web`, when it is brought up to date, then nothing happens."""
    assert not build_console(Layout(tmp_path))
