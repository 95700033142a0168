"""The refund's function as the state machine calls it."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from billing.domain.operator_refund import RefundRefusedError
from billing.refund.outcomes import RefundOutcome
from billing.refund.request import order_of
from kernel.errors import TemporarilyUnavailableError
from tests.unit.billing.purchases.test_handlers import ENVIRONMENT, event
from tests.unit.billing.purchases.world import NOW, PURCHASE, World, lost

GOOD = {"purchase_id": PURCHASE, "amount": 100, "operator": "someone@example.com", "reason": "why"}
EVENTS = Path(__file__).parents[4] / "events/billing_refund"


@pytest.fixture
def refund(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the function's module, as a cold start loads it."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    module = importlib.import_module("billing.refund.handler")
    monkeypatch.setattr(module.clock, "now", lambda: NOW)
    return module


def test_every_step_has_an_event_and_is_wired(refund: ModuleType) -> None:
    """The table in the module's docstring, the wiring and the events agree."""
    wired = refund.steps(refund.Settings("Billing", "omise"))
    assert set(wired) == {path.stem for path in EVENTS.glob("*.json")}
    assert all(f"`{name}`" in (refund.__doc__ or "") for name in wired)


def test_the_steps_make_a_refund(refund: ModuleType, world: World) -> None:
    """From the events of the repository, one after the other."""
    world.given_completed()
    handler = refund.step_handler(refund.steps_of(world.reserving, world.refunding))
    answers = [
        handler(event(f"billing_refund/{step}.json"), None)
        for step in ("reserve", "refund", "find_refund", "capture", "release")
    ]
    assert [answer["outcome"] for answer in answers] == [
        "reserved",
        "refunded",
        "refunded",
        "captured",
        "captured",
    ]
    assert {answer["reason"] for answer in answers} == {None}
    assert world.omise.refunds == [5_000]


@pytest.mark.parametrize(
    ("execution", "request_id"),
    [
        ("req_4fB0mXo2aLq8sWc1ZtY7uRk9Ev", "req_4fB0mXo2aLq8sWc1ZtY7uRk9Ev"),
        ("req_4fB0mXo2aLq8sWc1ZtY7uRk9Ev-2", "req_4fB0mXo2aLq8sWc1ZtY7uRk9Ev"),
        ("example-request-1", "example-request-1"),
    ],
)
def test_a_further_execution_is_of_the_same_refund(
    refund: ModuleType, execution: str, request_id: str
) -> None:
    """Named as lost sagas' are; a name that is nobody's id is the request's own."""
    seen = []

    def step(given: Any) -> RefundOutcome:  # noqa: ANN401  # an event
        seen.append(given["request_id"])
        return RefundOutcome.REFUNDED

    handler = refund.step_handler({"refund": step})
    handler({**event("billing_refund/refund.json"), "request_id": execution}, None)
    assert seen == [request_id]


def test_a_refusal_says_why(refund: ModuleType, world: World) -> None:
    """It is an answer, not an error: nobody has to be woken up."""
    world.given_completed(None)
    handler = refund.step_handler(refund.steps_of(world.reserving, world.refunding))
    answer = handler(event("billing_refund/reserve.json"), None)
    assert answer == {"outcome": "refused", "reason": "promptpay"}


def test_a_refusal_of_omise_is_told_from_our_own(refund: ModuleType) -> None:
    """After the release."""
    handler = refund.step_handler({"release": lambda _: RefundOutcome.REFUSED})
    answer = handler(event("billing_refund/release.json"), None)
    assert answer == {"outcome": "refused", "reason": "refused_by_omise"}


def test_a_provider_that_stays_away_is_told_from_its_refusal(refund: ModuleType) -> None:
    """The release tells the reason that it was given."""
    handler = refund.step_handler({"release": lambda _: RefundOutcome.REFUSED})
    given = {**event("billing_refund/release.json"), "reason": "provider_unavailable"}
    assert handler(given, None) == {"outcome": "refused", "reason": "provider_unavailable"}


def test_what_may_go_well_next_time_leaves_under_one_name(refund: ModuleType) -> None:
    """Step Functions retries by the class's name, and knows no inheritance."""

    def step(_: object) -> RefundOutcome:
        raise lost()

    handler = refund.step_handler({"refund": step})
    with pytest.raises(TemporarilyUnavailableError) as raised:
        handler(event("billing_refund/refund.json"), None)
    assert type(raised.value) is TemporarilyUnavailableError


@pytest.mark.parametrize(
    "difference",
    [
        {"amount": 0},
        {"amount": -5},
        {"amount": 1.5},
        {"amount": True},
        {"amount": "1"},
        {"amount": "ALL"},
        {"operator": ""},
        {"operator": "x" * 601},
        {"reason": ""},
        {"reason": "x" * 201},
        {"force": "yes"},
        {"everything": True},
        {"purchase_id": None},
    ],
    ids=json.dumps,
)
def test_an_order_that_is_none_is_refused(difference: dict[str, Any]) -> None:
    """Strictly: money is never guessed at."""
    with pytest.raises(RefundRefusedError, match="invalid_request"):
        order_of("request-1", {**GOOD, **difference})


def test_whoever_aws_lets_be_an_operator_may_refund() -> None:
    """Given the long name of somebody who came by single sign-on, it is recorded whole."""
    role = "AWSReservedSSO_AdministratorAccess_0123456789abcdef"
    arn = f"arn:aws:sts::123456789012:assumed-role/{role}/somebody.with.a.name@example.com"
    assert order_of("request-1", {**GOOD, "operator": arn}).operator == arn


def test_an_order_is_read() -> None:
    """`all` means what is left; force has to be said."""
    order = order_of("request-1", {**GOOD, "amount": "all"})
    assert (order.amount, order.force, order.request_id) == (None, False, "request-1")
    assert order_of("request-1", {**GOOD, "force": True}).force
    with pytest.raises(RefundRefusedError, match="purchase_not_found"):
        order_of("request-1", {**GOOD, "purchase_id": "usr_1"})
