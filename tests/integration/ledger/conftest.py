"""An emulator of its own, and the engine's clients wired to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.aws import Aws
from local.emulator_alone import emulator_alone
from tests.simulator.engine import Engine, new_engine
from tests.simulator.tables import Tables, new_tables
from tests.simulator.wire import Wire, wired


@pytest.fixture(scope="session")
def ledger_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    """Run an emulator with nothing deployed."""
    with emulator_alone(tmp_path_factory.mktemp("ledger")) as aws:
        yield aws


@pytest.fixture(scope="module")
def wire(ledger_emulator: Aws) -> Iterator[Wire]:
    """Lead the engine's clients through a wire to the emulator."""
    with wired(ledger_emulator) as wire:
        yield wire


@pytest.fixture
def tables(wire: Wire) -> Tables:  # noqa: ARG001  # the clients must lead there first
    """Make empty tables."""
    return new_tables()


@pytest.fixture
def engine(tables: Tables, wire: Wire) -> Engine:
    """Wire an engine."""
    return new_engine(tables, wire)
