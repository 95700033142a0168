"""Settings of all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, settings

from tests.sharing import SharedOut, rank_of
from tests.simulator.figures import Figures

if TYPE_CHECKING:
    from local.stack_file import StackFile

# The machine is shared: how long an example takes says nothing.
settings.register_profile("project", deadline=None, print_blob=True)
# A mutant is dead at the first failure, and the same ones have to die every time.
settings.register_profile(
    "mutants",
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "project"))


_FIGURES = pytest.StashKey[Figures]()


@pytest.fixture(scope="session")
def stack() -> Iterator[StackFile]:
    """Bring a stack up for the whole test run, with data of its own.

    `STACK_FILE` names the `stack.json` of one that runs already.
    """
    # Here, since the tests that mutants have to survive are without these modules.
    from local.stack_file import StackFile  # noqa: PLC0415
    from tests.e2e.session import running_stack  # noqa: PLC0415

    named = os.environ.get("STACK_FILE")
    if named:
        yield StackFile.read(Path(named))
        return
    with running_stack() as file:
        yield file


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    """Collect figures that are shown at the end of the run."""
    return request.config.stash.setdefault(_FIGURES, Figures())


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> SharedOut:  # noqa: ANN401  # xdist's
    """Share the tests out by what they have in common."""
    return SharedOut(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that take longest."""
    items.sort(key=lambda item: rank_of(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:  # noqa: ANN401  # xdist's, and it may not be there
    """Take over the figures of a process that tested a part."""
    figures = node.config.stash.setdefault(_FIGURES, Figures())
    figures.values |= getattr(node, "workeroutput", {}).get("figures", {})


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the figures of a part over to the process that shows them."""
    handed_over = getattr(session.config, "workeroutput", None)
    if handed_over is not None:
        handed_over["figures"] = session.config.stash.get(_FIGURES, Figures()).values


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the figures."""
    figures = terminalreporter.config.stash.get(_FIGURES, Figures())
    if figures.values:
        terminalreporter.section("reliability")
        terminalreporter.write_line("\n".join(figures.lines()))
        figures.keep()
