"""Settings of all tests."""

from __future__ import annotations

import os

from hypothesis import Phase, settings

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
