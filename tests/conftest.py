"""Settings of all tests."""

from __future__ import annotations

from hypothesis import settings

# The machine is shared: how long an example takes says nothing.
settings.register_profile("project", deadline=None, print_blob=True)
settings.load_profile("project")
