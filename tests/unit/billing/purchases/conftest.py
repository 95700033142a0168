"""A fresh world for each test."""

from __future__ import annotations

import pytest

from tests.unit.billing.purchases.world import World


@pytest.fixture
def world() -> World:
    """Return a world without purchases."""
    return World()
