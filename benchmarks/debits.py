"""The debit use case of this engine beside that of other systems, in turn, by as many clients."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import product
from pathlib import Path
from typing import Final

from benchmarks.figures import Spread, percentile, ratios
from benchmarks.interpreters import ENVIRONMENT, ROOT, SEARCH_PATH
from benchmarks.options import Options
from benchmarks.peers.crew import Round, System, crew_of
from benchmarks.peers.environment import peers_python
from benchmarks.peers.postgres import PostgresMissingError, running_postgres
from benchmarks.tables import Table
from local.emulator_alone import emulator_alone

_MILLISECONDS: Final = 1e3
_P99: Final = 0.99
_OURS: Final = "this engine, on the emulator's DynamoDB"
_KINDS: Final = ("spread", "hot")
_COLUMNS: Final = (
    "system",
    "spread, per second",
    "x ours",
    "p99 ms",
    "hot, per second",
    "x ours",
    "p99 ms",
    "refused",
)
_NOTE: Final = (
    "One debit of 10 credits with its ledger entry and the record of a run, in one transaction, by "
    "{clients} processes that do nothing else, each on an account of its own or all on one. "
    "**Ours is bounded by the emulator**: one Python process that plays DynamoDB, while PostgreSQL "
    "is native, and has fsync on. What the comparison does show: how each behaves when all want "
    "one account. django-hordak sums an account's legs at every debit: it slows down as they grow."
)
_LEFT_OUT: Final = "**The peers are left out: {reason}.** "


Rounds = dict[tuple[str, str], list[Round]]


def tables(options: Options) -> Iterator[Table]:
    """Measure; without PostgreSQL ours alone, and say so."""
    with ExitStack() as stack:
        systems, note = [stack.enter_context(_engine())], _NOTE
        try:
            systems += stack.enter_context(_peers())
        except PostgresMissingError as error:
            note = _LEFT_OUT.format(reason=error) + note
        for system in systems:
            system.prepare(options.debit_clients)
        rounds = _measured(systems, options)
    rows = [_row(system.title, rounds) for system in systems]
    yield Table("debits", "Debits", _COLUMNS, rows, note.format(clients=options.debit_clients))


def _measured(systems: Sequence[System], options: Options) -> Rounds:
    rounds: Rounds = {}
    with ExitStack() as stack:
        crews = {
            system.title: stack.enter_context(crew_of(system, options.debit_clients))
            for system in systems
        }
        for _ in range(options.debit_rounds):
            for kind, (title, crew) in product(_KINDS, crews.items()):
                found = crew.debit(kind, options.debit_seconds)
                rounds.setdefault((title, kind), []).append(found)
    return rounds


@contextmanager
def _engine() -> Iterator[System]:
    with tempfile.TemporaryDirectory() as folder, emulator_alone(Path(folder)) as aws:
        environment = {
            **ENVIRONMENT,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{SEARCH_PATH}",
            "AWS_ENDPOINT_URL": aws.endpoint_url,
        }
        yield System(_OURS, "engine", Path(sys.executable), environment)


@contextmanager
def _peers() -> Iterator[list[System]]:
    modules = {
        "dj-wallet, on PostgreSQL": "wallet",
        "django-hordak, on PostgreSQL": "double_entry",
        "one SQL statement, on PostgreSQL": "plain_sql",
    }
    with running_postgres(list(modules.values())) as port:
        python = peers_python()
        yield [
            System(
                title,
                module,
                python,
                {"PYTHONPATH": str(ROOT), "PEERS_PORT": str(port), "PEERS_DATABASE": module},
            )
            for title, module in modules.items()
        ]


def _row(title: str, rounds: Rounds) -> list[str]:
    cells: list[str] = [title]
    for kind in _KINDS:
        ours, own = rounds[_OURS, kind], rounds[title, kind]
        rates = [one.per_second for one in own]
        taken = [seconds for one in own for seconds in one.taken]
        cells += [
            Spread.of(rates).text(0),
            ratios(rates, [one.per_second for one in ours]).text(),
            f"{percentile(taken, _P99) * _MILLISECONDS:.0f}",
        ]
    refused = sum(one.refused for kind in _KINDS for one in rounds[title, kind])
    return [*cells, str(refused)]
