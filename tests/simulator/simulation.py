"""One simulated life of the engine, decided by its seed from the first call to the last."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from billing.debit import NEVER
from billing.domain.operator_refund import RefundRefusedError
from billing.saga.charging import LOOKS
from tests.simulator.engine import WINDOW, Engine
from tests.simulator.faults import Fault, suffer
from tests.simulator.omise import WiredOmise
from tests.simulator.schedule import run_interleaved, taking_turns
from tests.simulator.tables import new_tables
from tests.simulator.traffic import ERROR, Traffic
from tests.simulator.truth import CreditsWrongError, Truth, truth_of
from tests.simulator.wire import Call, Wire

FAULT_RATE: Final = 0.06
STEPS_PER_AUDIT: Final = 40
_MAX_ROUNDS: Final = 8
_FAULTS: Final = tuple(Fault)


@dataclass
class Life:
    """What happened in one life."""

    seed: int
    steps: int = 0
    calls: int = 0
    audits: int = 0
    entries: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    operations: Counter[str] = field(default_factory=Counter)


class SimulationError(AssertionError):
    """A life in which something went wrong.

    Parameters
    ----------
    seed, steps, group_commit_after
        What brings it up again.
    """

    def __init__(self, seed: int, steps: int, group_commit_after: int = NEVER) -> None:
        group = "" if group_commit_after == NEVER else f" GROUP={group_commit_after}"
        super().__init__(f"again with: make soak SEED={seed} STEPS={steps}{group}")


class Simulation:
    """An engine with its surroundings.

    Parameters
    ----------
    wire
        What its calls go through.
    seed
        Decides everything that happens.
    fault_rate
        How many of the calls fail, from 0 to 1.
    group_commit_after
        After how many attempts of its own a debit takes part in group commit.
    """

    def __init__(
        self,
        wire: Wire,
        seed: int,
        fault_rate: float = FAULT_RATE,
        group_commit_after: int = NEVER,
    ) -> None:
        self._wire = wire
        self._group_commit_after = group_commit_after
        self._chance = random.Random(seed)
        self._fault_rate = fault_rate
        self._tables = new_tables()
        self._omise = WiredOmise(wire)
        self.traffic = Traffic(self._chance, self._engine, many_runs=group_commit_after != NEVER)
        self.life = Life(seed)

    def run(self, steps: int) -> Life:
        """Let some steps happen, then let everything come to its end.

        Raises
        ------
        SimulationError
            If credits are wrong at any audit, or anything raises what nobody expects.
        """
        try:
            self.traffic.prepare()
            for _ in range(steps):
                self._step()
            self._come_to_an_end()
        except Exception as error:
            raise SimulationError(self.life.seed, steps, self._group_commit_after) from error
        self.life.operations = self.traffic.done
        return self.life

    def _step(self) -> None:
        self.life.steps += 1
        acts = self.traffic.acts()
        with self._wire.behaving(taking_turns(self._faulty)):
            run_interleaved(acts, self._chance)
        self.traffic.time_passes()
        if self.life.steps % STEPS_PER_AUDIT == 0:
            self._audit()

    def _faulty(self, call: Call) -> object:
        self.life.calls += 1
        if self._chance.random() >= self._fault_rate:
            return call.send()
        fault = self._chance.choice(_FAULTS)
        self.life.faults[fault.value] += 1
        return suffer(call, fault)

    def _audit(self) -> Truth:
        self.life.audits += 1
        truth = truth_of(self._engine())
        truth.verify()
        known = self.traffic.accepted.keys() - truth.runs.keys()
        if known:
            raise CreditsWrongError(f"accepted and not there: {known}")
        self.life.entries = truth.entry_count
        return truth

    def _come_to_an_end(self) -> None:
        """Repeat what is still open until nothing is; no call fails any more."""
        for _ in range(_MAX_ROUNDS):
            truth = self._audit()
            self.traffic.now += WINDOW + timedelta(hours=1)
            for purchase_id in truth.purchases:
                self._settle_purchase(purchase_id)
            for order in self.traffic.orders.values():
                with suppress(RefundRefusedError):
                    self._engine().refund(order, self.traffic.now)
            for run_id, run in truth.runs.items():
                if not run.is_settled:
                    self._engine().run_saga.give_back(run_id, ERROR, self.traffic.now)
        self._audit().verify_settled()

    def _settle_purchase(self, purchase_id: str) -> None:
        engine, now = self._engine(), self.traffic.now
        outcome = str(engine.charging.create_charge(purchase_id, now))
        for look in range(1, LOOKS + 1):
            if outcome in {"unknown", "absent"}:
                outcome = str(engine.charging.find_charge(purchase_id, look, now))
        if outcome in {"pending", "paid"}:
            engine.awaiting.reconcile(purchase_id, now)
        for charge in engine.omise.of_purchase(purchase_id):
            engine.webhook(charge.id, now)

    def _engine(self) -> Engine:
        """Start the functions anew, with nothing in memory."""
        return Engine(
            self._tables,
            self._omise,
            self._chance.random,
            group_commit_after=self._group_commit_after,
        )
