"""Settings of all tests."""

from __future__ import annotations

import os

import pytest
from hypothesis import Phase, settings

from tests.simulator.figures import Figures

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


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    """Collect figures that are shown at the end of the run."""
    return request.config.stash.setdefault(_FIGURES, Figures())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the figures."""
    figures = terminalreporter.config.stash.get(_FIGURES, Figures())
    if figures.values:
        terminalreporter.section("reliability")
        terminalreporter.write_line("\n".join(figures.lines()))
        figures.keep()
