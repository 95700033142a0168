"""Runs through the whole local stack: gateway, authorizer, function, transaction, saga.

A stack of the benchmark's own is deployed for it, and its ledgers are audited afterwards.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from unittest import mock

from benchmarks.load import Answer, Client, Load, loaded
from benchmarks.options import Options
from benchmarks.scenes.ledgers import CAUSE
from benchmarks.tables import Table
from billing.adapters.ledger_store import LedgerStore
from billing.domain.commands import GrantPromo
from billing.domain.ledger import execute
from kernel import clock
from local import stack as local_stack
from local.aws import Aws
from local.layout import HERE, Layout
from local.settings import free_port
from local.stack_file import StackFile
from tests.simulator.wire import wired

sys.path.append(str(HERE.root / "client"))
from credit_engine_client import CreditEngine  # lives outside this package

Json = dict[str, Any]
_INSTANCE: Final = "bench"
_PORT: Final = 8_600
_CREDITS: Final = 100_000_000
_WARM_UP_SECONDS: Final = 2.0
_PATIENCE_SECONDS: Final = 120.0
_AUDIT_SECONDS: Final = 1_000.0
_POLL_SECONDS: Final = 0.2
_SETTLED: Final = frozenset({"succeeded", "failed"})
_COLUMNS: Final = (
    "load",
    "clients",
    "per second",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "refused",
    "sagas done after s",
)
_NOTE: Final = (
    "`POST /v1/workflows/{{id}}/runs` without pauses, from threads on the same machine, each with "
    "an account of its own or all on one; `GET /v1/health` shows what the emulator's gateway and "
    "Lambda take without authorizer and database. Emulator, functions and the sagas of the runs "
    "share the processors with the clients, so this says how the engine behaves under contention, "
    "not what AWS would do. The audit afterwards verified {accounts} accounts and {entries} "
    "entries: {finding_count} findings."
)


class LedgersDoNotVerifyError(Exception):
    """The audit found something: whatever was measured does not count."""


@dataclass(frozen=True)
class User:
    """A registered user with credits and a workflow."""

    engine: CreditEngine
    token: str
    workflow_id: str

    def client(self, url: str) -> Client:
        """Make a client that starts runs."""
        return Client(url, "POST", f"/v1/workflows/{self.workflow_id}/runs", self.token)


def tables(options: Options) -> Iterator[Table]:
    """Measure."""
    with _running() as (layout, file):
        users = [_user(file) for _ in range(max(options.clients))]
        _warm_up(file, users, options)
        rows = [_health(file, options), *_runs(file, users, options)]
        report = _audited(layout)
    yield Table("stack", "Through the whole local stack", _COLUMNS, rows, _note(report))


def _audited(layout: Layout) -> Json:
    """Verify every ledger, as an operator does."""
    command = [sys.executable, "-m", "operator_cli", "audit", "--reason", "after the benchmark"]
    ended = subprocess.run(  # noqa: S603  # our own command
        [*command, "--json", "--stack-file", str(layout.stack_file)],
        cwd=layout.root,
        check=False,
        stdout=subprocess.PIPE,
        timeout=_AUDIT_SECONDS,
    )
    if ended.returncode:
        raise LedgersDoNotVerifyError(ended.stdout.decode())
    return dict(json.loads(ended.stdout))


def _note(report: Json) -> str:
    return _NOTE.format(
        accounts=report["accounts"],
        entries=f"{report['entries']:,}",
        finding_count=report["finding_count"],
    )


@contextmanager
def _running() -> Iterator[tuple[Layout, StackFile]]:
    """Run a stack with ports and data of its own, empty at the start."""
    layout = Layout.of_instance(_INSTANCE)
    local_stack.reset(layout)
    with mock.patch.dict(os.environ, {"PORT": str(free_port(_PORT))}):
        local_stack.run_detached(layout)
    try:
        yield layout, StackFile.read(layout.stack_file)
    finally:
        local_stack.stop(layout)


def _user(file: StackFile) -> User:
    engine = CreditEngine(file.api_url)
    email, password = f"user-{secrets.token_hex(8)}@example.com", secrets.token_urlsafe(24)
    user = engine.register(email, password)
    token = engine.login(email, password)["access_token"]
    _give(file, user["id"])
    workflow = engine.create_workflow("Sum", "csv-summary", {"csv": "a\n1\n"})
    return User(engine, token, workflow["id"])


def _give(file: StackFile, user_id: str) -> None:
    """Give credits as an operator would, by the ledger's own rules."""
    command, now = GrantPromo(_CREDITS, None, CAUSE), clock.now()
    with wired(Aws(file.aws_endpoint_url)):
        LedgerStore(file.table_names["billing"]).commit(
            user_id, lambda account: execute(account, command, now), lambda _: []
        )


def _warm_up(file: StackFile, users: Sequence[User], options: Options) -> None:
    """Let the emulator start as many environments as it will have."""
    load = loaded([user.client(file.api_url) for user in users], _WARM_UP_SECONDS)
    _await_sagas(users, load)
    loaded([Client.of_health(file.api_url)] * 1, min(_WARM_UP_SECONDS, options.load_seconds))


def _health(file: StackFile, options: Options) -> list[str]:
    count = sorted(options.clients)[len(options.clients) // 2]
    clients = [Client.of_health(file.api_url) for _ in range(count)]
    return _row("health", count, loaded(clients, options.load_seconds), 0.0)


def _runs(file: StackFile, users: Sequence[User], options: Options) -> Iterator[list[str]]:
    for kind in ("spread", "one hot account"):
        for count in options.clients:
            chosen = list(users[:count]) if kind == "spread" else [users[0]] * count
            clients = [user.client(file.api_url) for user in chosen]
            load = loaded(clients, options.load_seconds)
            yield _row(f"runs, {kind}", count, load, _await_sagas(chosen, load))


def _await_sagas(users: Sequence[User], load: Load) -> float:
    """Wait until the last runs are over, so that the next load has the machine to itself."""
    began = time.monotonic()
    owners = {user.workflow_id: user for user in users}
    for answer in _last_of_each(load.accepted).values():
        owner = owners[str(answer.document["workflow_id"])]
        while owner.engine.get_run(str(answer.document["id"]))["status"] not in _SETTLED:
            if time.monotonic() - began > _PATIENCE_SECONDS:
                return _PATIENCE_SECONDS
            time.sleep(_POLL_SECONDS)
    return time.monotonic() - began


def _last_of_each(answers: Sequence[Answer]) -> dict[str, Answer]:
    return {str(answer.document["workflow_id"]): answer for answer in answers}


def _row(name: str, clients: int, load: Load, sagas_seconds: float) -> list[str]:
    refused = ", ".join(f"{count} {code}" for code, count in load.refusals.items())
    return [
        name,
        str(clients),
        f"{load.per_second:.0f}",
        *(f"{load.milliseconds(share):.0f}" for share in (0.5, 0.95, 0.99)),
        refused or "0",
        f"{sagas_seconds:.1f}",
    ]
