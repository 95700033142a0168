"""Clients who start runs on one account without a pause, and what they see."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from benchmarks.hot_accounts.published import Published
from benchmarks.hot_accounts.units import Units
from benchmarks.hot_accounts.virtual_time import VirtualTime
from billing.adapters.intent_store import IntentStore
from billing.adapters.ledger_store import AccountBusyError
from tests.inline import Inline
from tests.simulator.engine import CHEAP, Engine, new_engine
from tests.simulator.tables import new_tables
from tests.simulator.truth import truth_of
from tests.simulator.wire import Wire, undisturbed
from workflows.domain.run import RunRequest

T = TypeVar("T")
USER: Final = "usr_00000000000000000000000001"
WORKFLOW: Final = "wfl_00000000000000000000000001"
START: Final = datetime(2026, 1, 1, tzinfo=UTC)
CREDITS: Final = 10**9
RETRY_AFTER_SECONDS: Final = 1.0
_SEED: Final = 7
_PERCENTILES: Final = 100


@dataclass(frozen=True, slots=True)
class Load:
    """So many clients at once, for so long, with debits that join a group after some attempts."""

    clients: int
    seconds: float
    group_commit_after: int


@dataclass
class Seen:
    """What the clients saw.

    Attributes
    ----------
    waits_seconds
        Of each run, from its first request to its answer, refusals and pauses included.
    refusals
        How many requests were answered with `account_busy`.
    """

    load: Load
    waits_seconds: list[float] = field(default_factory=list)
    refusals: int = 0
    transactions: int = 0
    calls: int = 0
    write_units: int = 0
    read_units: int = 0
    seconds: float = 0.0

    @property
    def runs_per_second(self) -> float:
        """How many runs were paid for in a second."""
        return len(self.waits_seconds) / self.seconds

    @property
    def refused(self) -> float:
        """The part of the requests that was refused, from 0 to 1."""
        return self.refusals / (self.refusals + len(self.waits_seconds))

    def percentile(self, number: int) -> float:
        """Return the wait that so many percent of the runs did not exceed, in milliseconds."""
        cuts = statistics.quantiles(self.waits_seconds, n=_PERCENTILES, method="inclusive")
        return cuts[number - 1] * 1_000

    def per_run(self, total: float) -> float:
        """Divide something by the number of runs."""
        return total / len(self.waits_seconds)


class Client:
    """Somebody who wants one run after another, and comes back when told so.

    Parameters
    ----------
    engine
        An instance of the functions that serves nobody else.
    name
        Goes into the idempotency keys.
    clock, pause
        Tell the time in seconds, and let it pass.
    """

    def __init__(
        self,
        engine: Engine,
        name: str,
        clock: Callable[[], float],
        pause: Callable[[float], None],
    ) -> None:
        self._engine = engine
        self._name = name
        self._clock = clock
        self._pause = pause

    def ask_until(self, end: float, seen: Seen) -> None:
        """Start runs until it is time to go; the last one is waited for."""
        serial = 0
        while self._clock() < end:
            serial += 1
            key = f"{self._name}-{serial}"
            request = RunRequest(USER, WORKFLOW, key, None, f"cor-{key}")
            began = self._clock()
            while not self._started(request):
                seen.refusals += 1
                self._pause(RETRY_AFTER_SECONDS)
            seen.waits_seconds.append(self._clock() - began)

    def _started(self, request: RunRequest) -> bool:
        try:
            self._engine.start_run(request, START + timedelta(seconds=self._clock()))
        except AccountBusyError:
            return False
        return True


class _Beside(Inline):
    """Runs what it is given at once, in no time: another read is on its way meanwhile."""

    def __init__(self, published: Published) -> None:
        self._published = published

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:  # noqa: ANN401
        """Run it."""
        with self._published.beside_others():
            return super().submit(fn, *args, **kwargs)


def in_virtual_time(wire: Wire, load: Load) -> Seen:
    """Measure with DynamoDB's published latencies and conflicts, in virtual time."""
    clock = VirtualTime()
    published = Published(clock, _SEED)
    chance = random.Random(_SEED)  # noqa: S311  # repeatable, on purpose
    units = Units(published)
    prototype = _prepared(wire)
    seen = Seen(load)
    clients = [
        Client(
            Engine(
                prototype.tables,
                prototype.omise,
                chance.random,
                clock.wait,
                _Beside(published),
                load.group_commit_after,
            ),
            f"client-{number}",
            lambda: clock.seconds,
            clock.wait,
        )
        for number in range(load.clients)
    ]
    with wire.behaving(units):
        clock.run([lambda c=c: c.ask_until(load.seconds, seen) for c in clients])  # type: ignore[misc]  # a default
    return _told(seen, units, clock.seconds, prototype)


def on_this_machine(wire: Wire, load: Load) -> Seen:
    """Measure with real threads, as fast as client, emulator and machine are."""
    units = Units(undisturbed)
    prototype = _prepared(wire)
    seen = Seen(load)
    began = time.monotonic()
    clients = [
        Client(
            Engine(
                prototype.tables,
                prototype.omise,
                sleep=time.sleep,
                group_commit_after=load.group_commit_after,
            ),
            f"client-{number}",
            lambda: time.monotonic() - began,
            time.sleep,
        )
        for number in range(load.clients)
    ]
    with wire.behaving(units), ThreadPoolExecutor(load.clients) as pool:
        for asking in [pool.submit(c.ask_until, load.seconds, seen) for c in clients]:
            asking.result()
    return _told(seen, units, time.monotonic() - began, prototype)


def _prepared(wire: Wire) -> Engine:
    engine = new_engine(new_tables(), wire)
    engine.give(USER, CREDITS, START)
    engine.add_workflow(WORKFLOW, USER, CHEAP.id, START)
    return engine


def _told(seen: Seen, units: Units, seconds: float, engine: Engine) -> Seen:
    """Add up, and insist on an account that is right to the credit."""
    truth = truth_of(engine)
    truth.verify()
    if len(truth.runs) != len(seen.waits_seconds):
        raise AssertionError(f"{len(truth.runs)} runs, {len(seen.waits_seconds)} answers")
    if IntentStore(engine.tables.billing).open(USER):
        raise AssertionError("intents were left behind")
    seen.seconds = seconds
    seen.transactions = units.calls["TransactWriteItems"]
    seen.calls = units.calls.total()
    seen.write_units, seen.read_units = units.write, units.read
    return seen
