"""A table with the index by user, and a state machine, in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.moto_aws import aws_in_memory, create_state_machine, create_table

TABLE = "Things"


@pytest.fixture(autouse=True)
def _aws() -> Iterator[None]:
    """Keep everything in memory."""
    with aws_in_memory():
        yield


@pytest.fixture
def table() -> str:
    """Make an empty table as the services have it."""
    create_table(TABLE)
    return TABLE


@pytest.fixture
def state_machine() -> str:
    """Make a state machine and give its ARN."""
    return create_state_machine("things")
