"""Billing's table, in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.moto_aws import aws_in_memory, create_table

TABLE = "Billing"


@pytest.fixture
def table() -> Iterator[str]:
    """Make an empty table and give its name."""
    with aws_in_memory():
        create_table(TABLE, listed=False)
        yield TABLE
