"""The faults, the steps that they meet, and how a purchase is brought to each step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from kernel.errors import TemporarilyUnavailableError
from tests.faults.plant import WINDOW, Plant, Settled
from tests.faults.sabotage import Sabotage

MAX_CALLS: Final = 20
_LONGER: Final = 5  # runs of a step: more than a charge has attempts

STEPS: Final = (
    "dispatch",
    "create_charge",
    "find_charge",
    "await_payment",
    "webhook",
    "reconcile",
    "settle",
    "compensate",
)
OMISE_FAULTS: Final = {
    "time-out before": "timeout_before",
    "time-out after": "timeout_after",
    "5xx before": "error_before",
    "5xx after": "error_after",
    "429": "too_many_requests",
    "429 for longer": "too_many_requests",
    "slow": "slow",
    "connection lost before": "drop_connection_before",
    "connection lost after": "drop_connection_after",
    "HTML 502": "html_502",
}
WEBHOOK_FAULTS: Final = ("dropped", "doubled", "reordered", "late")
KILLED: Final = "Lambda killed"
DYNAMODB_REFUSES: Final = "DynamoDB refuses"
SAGAS_REFUSE: Final = "Step Functions refuses"
FAULTS: Final = (
    *OMISE_FAULTS,
    *(f"webhook {name}" for name in WEBHOOK_FAULTS),
    KILLED,
    DYNAMODB_REFUSES,
    SAGAS_REFUSE,
)
PAYS: Final = "The buyer pays"
NEVER_PAYS: Final = "Nobody pays"
BUYERS: Final = (PAYS, NEVER_PAYS)
# Where nobody pays there is no notice to lose, and nothing to settle.
_WITHOUT_MONEY: Final = {"create_charge", "find_charge", "await_payment", "reconcile", "compensate"}
_CALLS_NO_OMISE: Final = {"dispatch", "await_payment"}
_TELLS_SAGAS: Final = {"dispatch", "await_payment", "webhook"}


@dataclass(frozen=True)
class Outcome:
    """What came of a fault that met a step: how each of its variants ended."""

    buyer: str
    fault: str
    step: str
    variants: tuple[Settled, ...]

    @property
    def is_fair(self) -> bool:
        """Tell whether all ended as they must, and none but a defect called for a person."""
        alarms = {variant.has_alarmed for variant in self.variants}
        return alarms == {self.step == "compensate"} and all(one.is_fair for one in self.variants)

    @property
    def cell(self) -> str:
        """Write it down for the table."""
        words: dict[str, int] = {}
        for variant in self.variants:
            words[variant.word] = words.get(variant.word, 0) + 1
        several = len(self.variants) > 1
        return "; ".join(f"{n} {word}" if several else word for word, n in words.items())


def meets(buyer: str, fault: str, step: str) -> bool:
    """Tell whether a fault can meet a step: a step that calls no Omise never waits for it."""
    if buyer == NEVER_PAYS and (step not in _WITHOUT_MONEY or fault.startswith("webhook ")):
        return False
    if fault in OMISE_FAULTS:
        return step not in _CALLS_NO_OMISE
    if fault == DYNAMODB_REFUSES:
        return step != "dispatch"
    if fault == SAGAS_REFUSE:
        return step in _TELLS_SAGAS
    if fault.startswith("webhook "):
        return step != "dispatch"  # there is no charge yet, and no notice of it
    return True


def outcome(plant: Plant, buyer: str, fault: str, step: str) -> Outcome:
    """Let a fault meet a step, in all its variants."""
    pays = buyer == PAYS
    if fault in {KILLED, DYNAMODB_REFUSES} and step != "dispatch":
        variants = tuple(_struck(plant, step, pays=pays, kills=fault == KILLED))
    else:
        variants = (_met(plant, fault, step, pays=pays),)
    return Outcome(buyer, fault, step, variants)


def _struck(plant: Plant, step: str, *, pays: bool, kills: bool) -> Iterator[Settled]:
    """Strike every call of a step, before and after its effect."""
    reaches = "dynamodb omise" if kills else "dynamodb"
    for is_after in (False, True):
        for call_no in range(1, MAX_CALLS):
            begin(plant, step, pays=pays)
            strike = Sabotage(call_no, is_after=is_after, reaches=reaches, kills=kills)
            _arm_with(plant, step, strike)
            settled = plant.run()
            if not strike.has_struck:
                break
            yield settled


def _met(plant: Plant, fault: str, step: str, *, pays: bool) -> Settled:
    begin(plant, step, pays=pays)
    if fault in OMISE_FAULTS:
        _omise_fails(plant, fault, step)
    elif fault.startswith("webhook "):
        return _webhook_fails(plant, fault.removeprefix("webhook "), step)
    elif step == "dispatch":
        _dispatch_fails(plant)
    else:
        plant.signals_are_refused = True
    return plant.run()


def begin(plant: Plant, step: str, *, pays: bool) -> None:
    """Open a purchase whose saga will come to a step, and whose buyer pays, or does not."""
    plant.open(by_card=step == "settle")
    hears = step not in {"reconcile", "compensate"}
    plant.while_waiting = _once(
        (lambda: _pays(plant, is_told=hears))
        if pays
        else (lambda: plant.wait(WINDOW.total_seconds()))
    )
    if step == "find_charge":
        plant.sandbox.fault("drop_connection_after", "create_charge")
    if step == "settle":
        _die_before_settling(plant)
    if step == "compensate":
        _break(plant, "reconcile")


def _pays(plant: Plant, *, is_told: bool) -> None:
    plant.pay()
    for notice in plant.notices()[1:] if is_told else []:
        plant.deliver(notice)


def _once(act: Callable[[], None]) -> Callable[[], None]:
    left = [act]
    return lambda: left.pop()() if left else None


def _arm_with(plant: Plant, step: str, strike: Sabotage) -> None:
    """Put a saboteur beside the first run of a step."""
    before, after = plant.before_step, plant.after_step
    left = [strike]

    def arm(name: str) -> None:
        before(name)
        if name == step and left:
            plant.sabotage = left.pop()
            plant.sabotage.is_armed = True

    def disarm(name: str) -> None:
        if name == step:
            plant.sabotage.is_armed = False
        after(name)

    plant.before_step, plant.after_step = arm, disarm


def _die_before_settling(plant: Plant) -> None:
    """Kill the creation when the paid charge is stored and its credits are not."""
    _arm_with(plant, "create_charge", Sabotage(6, reaches="dynamodb omise", kills=True))


def _break(plant: Plant, step: str) -> None:
    """Let the first run of a step meet a defect that no retry heals."""
    before = plant.before_step
    left = [step]

    def fail(name: str) -> None:
        before(name)
        if name in left:
            left.clear()
            raise_defect()

    def raise_defect() -> None:
        message = "a defect that nobody thought of"
        raise RuntimeError(message)

    plant.before_step = fail


def _omise_fails(plant: Plant, fault: str, step: str) -> None:
    """Let Omise fail through a run of a step, or several, whatever that calls and repeats."""
    before, after = plant.before_step, plant.after_step
    left = [step] * (_LONGER if fault.endswith(" for longer") else 1)
    delay: dict[str, Any] = {"delay_ms": 50} if fault == "slow" else {}

    def fail(name: str) -> None:
        before(name)
        if name in left:
            left.pop()
            plant.break_omise(OMISE_FAULTS[fault], times=4, status=500, **delay)

    def heal(name: str) -> None:
        if name == step:
            plant.heal_omise()
        after(name)

    plant.before_step, plant.after_step = fail, heal


def _dispatch_fails(plant: Plant) -> None:
    """Refuse the start of the saga several times; the stream delivers again."""
    left = [3]

    def refuse(name: str) -> None:
        if name == "dispatch" and left[0]:
            left[0] -= 1
            message = "throttled"
            raise TemporarilyUnavailableError(message)

    plant.before_step = refuse


def _webhook_fails(plant: Plant, fault: str, step: str) -> Settled:
    """Let the payment happen at a step, and its notice come in its own way."""
    plant.while_waiting = _once(lambda: _pays(plant, is_told=False))
    before, after = plant.before_step, plant.after_step
    left = ["await_payment" if step == "webhook" else step]

    def pay_and_tell(name: str) -> None:
        if name in left and plant.charges():
            left.clear()
            plant.pay()
            _come(plant, fault)

    def first(name: str) -> None:
        before(name)
        pay_and_tell(name)

    def last(name: str) -> None:
        pay_and_tell(name)
        after(name)

    plant.before_step, plant.after_step = first, last
    plant.run()
    for notice in plant.notices() if fault == "late" else []:
        plant.deliver(notice)
    return plant.settled()


def _come(plant: Plant, fault: str) -> None:
    """Let the notices of a purchase come as the fault says."""
    notices = plant.notices()
    ways = {"doubled": [*notices, *notices], "reordered": notices[::-1]}
    for notice in ways.get(fault, []):
        plant.deliver(notice)
