"""Billing's table with its index, and Omise's side, for the adapters of purchases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.moto_aws import aws_in_memory, create_table
from tests.unit.omise_sandbox.running import Background, Gateway, serve_gateway

TABLE = "Billing"


@pytest.fixture
def aws() -> Iterator[None]:
    """Keep AWS in memory."""
    with aws_in_memory():
        yield


@pytest.fixture
def table(aws: None) -> str:  # noqa: ARG001  # it must be there first
    """Make an empty table and give its name."""
    create_table(TABLE)
    return TABLE


@pytest.fixture
def sandbox() -> Iterator[Gateway]:
    """Serve a fresh Omise sandbox."""
    with Background() as background:
        yield serve_gateway(background)
