"""A running sandbox for each test."""

from collections.abc import Iterator

import pytest

from tests.unit.omise_sandbox.running import Background, Gateway, serve_gateway


@pytest.fixture
def background() -> Iterator[Background]:
    """Return an event loop in which sandboxes can be served."""
    with Background() as loop:
        yield loop


@pytest.fixture
def gateway(background: Background) -> Gateway:
    """Return a client of a fresh sandbox that keeps nothing."""
    return serve_gateway(background)
