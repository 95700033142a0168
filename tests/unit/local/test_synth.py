"""The app is synthesised when its inputs changed, and only then."""

from pathlib import Path

import pytest

from local.layout import Layout
from local.steps import StackError
from local.synth import synthesise


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A checkout with a `cdk` that writes down how it was called."""
    made = Layout(tmp_path)
    (tmp_path / "app.py").write_text("", encoding="ascii")
    write_cdk(
        made, 'echo "$@" >> calls; mkdir -p .local/cdk.out; echo {} > .local/cdk.out/manifest.json'
    )
    return made


def write_cdk(layout: Layout, script: str) -> None:
    """Replace the checkout's `cdk`."""
    cdk = layout.root / "node_modules/.bin/cdk"
    cdk.parent.mkdir(parents=True, exist_ok=True)
    cdk.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
    cdk.chmod(0o755)


def test_it_is_called_for_the_local_stage_with_the_projects_python(layout: Layout) -> None:
    """Given a fresh checkout, when it is synthesised, then the command line says it all."""
    assert synthesise(layout)

    call = (layout.root / "calls").read_text(encoding="ascii")
    assert "synth --quiet" in call
    assert "--context stage=local" in call
    assert f'--app "{layout.python}" app.py' in call


def test_nothing_is_done_twice(layout: Layout) -> None:
    """Given nothing changed, when it is synthesised again, then the CDK is not called."""
    synthesise(layout)

    assert not synthesise(layout)


def test_a_changed_input_is_noticed(layout: Layout) -> None:
    """Given the app changed, when it is synthesised again, then the CDK is called."""
    synthesise(layout)
    (layout.root / "app.py").write_text("# changed", encoding="ascii")

    assert synthesise(layout)


def test_a_missing_assembly_is_noticed(layout: Layout) -> None:
    """Given the assembly was deleted, when it is synthesised again, then the CDK is called."""
    synthesise(layout)
    (layout.assembly / "manifest.json").unlink()

    assert synthesise(layout)


def test_a_failure_shows_what_the_cdk_said_and_is_not_remembered(layout: Layout) -> None:
    """Given the CDK fails, when it is synthesised, then its words are the error, every time."""
    write_cdk(layout, "echo the construct tree is cyclic; exit 1")

    for _ in range(2):
        with pytest.raises(StackError, match="the construct tree is cyclic"):
            synthesise(layout)
