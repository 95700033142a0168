"""The same traffic from real threads: faster and less orderly, and not to be repeated by a seed."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

from billing.debit import NEVER
from tests.simulator.engine import Engine
from tests.simulator.faults import Fault, suffer
from tests.simulator.omise import WiredOmise
from tests.simulator.simulation import FAULT_RATE
from tests.simulator.tables import new_tables
from tests.simulator.traffic import Traffic
from tests.simulator.truth import truth_of
from tests.simulator.wire import Call, Wire


class Crowd:
    """Many threads on few accounts.

    Parameters
    ----------
    wire
        What their calls go through.
    seed
        Begins the choices.
    threads
        How many.
    group_commit_after
        After how many attempts of its own a debit takes part in group commit.
    """

    def __init__(
        self, wire: Wire, seed: int, threads: int, group_commit_after: int = NEVER
    ) -> None:
        self._wire = wire
        self._chance = random.Random(seed)
        self._threads = threads
        self._tables = new_tables()
        self._omise = WiredOmise(wire)
        self._lock = Lock()
        self._group_commit_after = group_commit_after
        self._traffic = Traffic(self._chance, self._engine, many_runs=group_commit_after != NEVER)
        self.operations = 0
        self.entries = 0

    def run(self, seconds: float) -> None:
        """Let all threads act for a while, then verify everything that is stored."""
        self._traffic.prepare()
        deadline = time.monotonic() + seconds
        with self._wire.behaving(self._faulty), ThreadPoolExecutor(self._threads) as pool:
            while time.monotonic() < deadline:
                acts = [act for _ in range(self._threads) for act in self._traffic.acts()]
                list(pool.map(lambda act: act(), acts))
                self._traffic.time_passes()
        truth = truth_of(self._engine())
        truth.verify()
        self.operations, self.entries = self._traffic.done.total(), truth.entry_count

    def _faulty(self, call: Call) -> object:
        with self._lock:
            strikes = self._chance.random() < FAULT_RATE
            fault = self._chance.choice(tuple(Fault))
        return suffer(call, fault) if strikes else call.send()

    def _engine(self) -> Engine:
        return Engine(
            self._tables,
            self._omise,
            sleep=time.sleep,
            group_commit_after=self._group_commit_after,
        )
