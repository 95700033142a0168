"""Round trips and capacity units of every operation, counted, and how they grow.

The engine's own use cases run in this process against the emulator's DynamoDB, wired as their
handlers wire them.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from unittest import mock

from benchmarks.grown_ledgers import grow
from benchmarks.identity_operations import identity_operations
from benchmarks.operations import GROWING, OPERATIONS
from benchmarks.options import Options
from benchmarks.tables import Table
from kernel import dynamodb_client
from kernel.observability import logger
from local.aws import Aws
from local.emulator_alone import emulator_alone
from tests.integration.ledger.scenarios import Stage
from tests.simulator.engine import Engine, new_engine
from tests.simulator.meter import Meter
from tests.simulator.tables import new_tables
from tests.simulator.wire import Wire, wired

_READ_SECONDS: Final = 60.0
_NOTE: Final = (
    "Counted by the emulator's `ReturnConsumedCapacity` in one request each; that it counts as AWS "
    "does is a test of its own (`tests/integration/ledger/test_cost.py`). Round trips are those "
    "one after another, Omise's and Step Functions' included, KMS' not. The index' units are what "
    "lists of runs and purchases cost."
)
_GROWTH_NOTE: Final = (
    "WCU of the tables / RCU / round trips. Entries are rows in the table. An account's open "
    "grants stand in its last entry, some ten bytes each, and every KB begun costs two units."
)


def tables(options: Options) -> Iterator[Table]:
    """Count, with the engine's log lines and metrics out of the way."""
    logger.setLevel("CRITICAL")
    with contextlib.redirect_stdout(io.StringIO()):
        found = list(_tables(options))
    yield from found


def _tables(options: Options) -> Iterator[Table]:
    with (
        tempfile.TemporaryDirectory() as folder,
        emulator_alone(Path(folder)) as aws,
        _engine(aws) as (engine, wire),
    ):
        yield _counted(engine, wire, aws)
        yield _growth(engine, wire, aws, options)


@contextmanager
def _engine(aws: Aws) -> Iterator[tuple[Engine, Wire]]:
    """Wire the functions as Lambda has them: with threads that read beside others.

    Calls may take longer here: DynamoDB's time does not depend on how many items a partition has,
    the emulator's does.
    """
    patient = mock.patch.object(dynamodb_client, "_READ_SECONDS", _READ_SECONDS)
    with patient, wired(aws) as wire, ThreadPoolExecutor(1) as executor:
        engine = new_engine(new_tables(), wire)
        yield Engine(engine.tables, engine.omise, executor=executor), wire


def _counted(engine: Engine, wire: Wire, aws: Aws) -> Table:
    rows = []
    for number, operation in enumerate(OPERATIONS):
        stage = Stage(engine, number)
        operation.given(stage)
        meter = metered(wire, lambda: stage.wholly(operation.act))  # noqa: B023  # called at once
        rows.append(_row(operation.name, meter))
    for name, act in identity_operations(aws):
        rows.append(_row(name, metered(wire, act)))
    columns = ("operation", "WCU", "WCU of the index", "RCU", "calls", "round trips")
    return Table("calls", "What an operation takes", columns, rows, _NOTE)


def metered(wire: Wire, act: Callable[[], object]) -> Meter:
    """Do something and count what it takes."""
    meter = Meter()
    with wire.behaving(meter):
        act()
    return meter


def _row(name: str, meter: Meter) -> list[str]:
    units = (meter.write_units, meter.index_units, meter.read_units)
    return [name, *(f"{unit:g}" for unit in units), str(len(meter.calls)), str(meter.round_trips)]


def _growth(engine: Engine, wire: Wire, aws: Aws, options: Options) -> Table:
    sizes: Mapping[str, tuple[int, int]] = {
        **{f"entries: {entries:,}": (entries, 1) for entries in options.ledger_sizes},
        **{
            f"grants: {grants}": (options.ledger_sizes[0], grants)
            for grants in options.grant_counts
        },
    }
    columns = [
        _grown(Stage(engine, 1_000 + number), size, wire, aws)
        for number, size in enumerate(sizes.values())
    ]
    names = [operation.name for operation in GROWING]
    rows = [list(row) for row in zip(names, *columns, strict=True)]
    return Table(
        "growth", "What it takes on larger accounts", ("operation", *sizes), rows, _GROWTH_NOTE
    )


def _grown(stage: Stage, size: tuple[int, int], wire: Wire, aws: Aws) -> list[str]:
    entries, grants = size
    grow(aws, stage.engine.tables.billing, stage.user, entries=entries, grants=grants)
    cells = []
    for operation in GROWING:
        operation.given(stage)
        meter = metered(wire, lambda: stage.wholly(operation.act))  # noqa: B023  # called at once
        cells.append(f"{meter.write_units:g} / {meter.read_units:g} / {meter.round_trips}")
    return cells
