"""Omise's books beside ours: every difference found, healed where settling can, and reported."""

from __future__ import annotations

import importlib
import json
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from billing.adapters.omise_errors import UnreadableChargeError
from billing.adapters.report_store import ReportStore
from billing.domain.charge import Charge, ChargeStatus, DisputeStatus
from billing.domain.purchase import Purchase
from billing.domain.purchase_parts import PurchaseStatus, Refund, Source
from billing.domain.reconciliation import Difference, DifferenceKind
from billing.reconciliation.position import Phase, Position
from billing.reconciliation.reconciling import Reconciling
from tests.unit.billing.purchases.test_handlers import ENVIRONMENT, event
from tests.unit.billing.purchases.world import (
    CARD,
    GROWTH,
    NOW,
    PURCHASE,
    USER,
    World,
    a_charge,
    a_purchase,
)

TONIGHT = NOW + timedelta(hours=14)
OTHER = "pur_00000000000000000000000002"
PAID = a_charge(ChargeStatus.SUCCESSFUL)
Json = dict[str, Any]


def walk(world: World, grace: timedelta = timedelta(0), days: int = 7) -> list[Difference]:
    """Walk through everything and return what differs."""
    reconciling = Reconciling(world.purchases, world.omise, world.settlement, grace)
    position = Position.begin(TONIGHT, days)
    found: list[Difference] = []
    while position.phase is not Phase.REPORT:
        part = reconciling.part(Position.read(json_round_trip(position)), TONIGHT)
        found += part.differences
        position = part.following
    return found


def json_round_trip(position: Position) -> Json:
    """Carry a position as the state machine does."""
    carried: Json = json.loads(json.dumps(position.document()))
    return carried


def the_one(differences: list[Difference]) -> tuple[DifferenceKind, bool]:
    """Return the kind of the only difference, and whether it was healed."""
    (difference,) = differences
    return difference.kind, difference.is_healed


def test_books_that_agree_give_an_empty_report(world: World) -> None:
    """Paid and credited, and a QR code that waits."""
    world.given_completed()
    other = replace(a_purchase(), id=OTHER)
    world.given(other)
    assert walk(world) == []


@pytest.mark.parametrize("ended", ["pending", "expired", "failed"])
def test_a_paid_charge_that_was_not_credited_is_settled(world: World, ended: str) -> None:
    """Every webhook was lost, and the saga is dead or over."""
    world.given_charged()
    if ended == "expired":
        world.omise.expire("chrg_test_1")
        world.awaiting.reconcile(PURCHASE, NOW)
    if ended == "failed":
        world.omise.becomes("chrg_test_1", ChargeStatus.FAILED)
        world.awaiting.reconcile(PURCHASE, NOW)
    world.omise.pays()
    assert the_one(walk(world)) == (DifferenceKind.PAID_NOT_CREDITED, True)
    assert world.ledger.balance == 550
    assert walk(world) == []


def test_a_payment_of_a_moment_ago_is_still_under_way(world: World) -> None:
    """Webhook and saga have the first say."""
    world.given_charged()
    world.omise.pays()
    charge = world.omise.charges["chrg_test_1"]
    world.omise.charges["chrg_test_1"] = replace(charge, paid_at=TONIGHT - timedelta(minutes=5))
    assert walk(world, grace=timedelta(hours=2)) == []
    assert world.ledger.posted == []


def test_a_charge_that_ended_unnoticed_ends_its_purchase(world: World) -> None:
    """Its saga died."""
    world.given_charged()
    world.omise.becomes("chrg_test_1", ChargeStatus.FAILED)
    assert the_one(walk(world)) == (DifferenceKind.END_NOT_RECORDED, True)
    assert world.purchase.status is PurchaseStatus.FAILED


def test_a_charge_that_expired_a_moment_ago_is_left_to_its_saga(world: World) -> None:
    """The saga looks once an hour."""
    world.given_charged()
    world.omise.expire("chrg_test_1")
    assert world.purchase.payment is not None
    payment = replace(world.purchase.payment, expires_at=TONIGHT - timedelta(minutes=5))
    world.given(replace(world.purchase, payment=payment))
    assert walk(world, grace=timedelta(hours=2)) == []
    assert the_one(walk(world)) == (DifferenceKind.END_NOT_RECORDED, True)


def test_a_refund_that_nobody_told_is_clawed_back(world: World) -> None:
    """More was refunded than taken back."""
    world.given_completed()
    world.omise.refund("chrg_test_1", 4_490, PURCHASE)
    assert the_one(walk(world)) == (DifferenceKind.RETURN_NOT_RECORDED, True)
    assert world.ledger.balance == 495


def test_an_old_charge_s_dispute_is_found_by_its_event(world: World) -> None:
    """The charge is older than the days that are compared, its dispute is not."""
    world.given_completed()
    charge = world.omise.charges["chrg_test_1"]
    old = replace(charge, created_at=NOW - timedelta(days=60))
    world.omise.charges["chrg_test_1"] = old
    world.given(replace(world.purchase, created_at=NOW - timedelta(days=60)))
    world.omise.disputed(DisputeStatus.LOST)
    world.omise.returned = ["chrg_test_1", "chrg_test_gone"]
    assert the_one(walk(world)) == (DifferenceKind.RETURN_NOT_RECORDED, True)
    assert world.purchase.status is PurchaseStatus.REFUNDED


@pytest.mark.parametrize(
    ("charge", "kind"),
    [
        (replace(PAID, amount=2_000), DifferenceKind.CHARGE_DIFFERS),
        (replace(PAID, currency="USD"), DifferenceKind.CHARGE_DIFFERS),
        (
            replace(PAID, metadata={"purchase_id": OTHER, "user_id": USER}),
            DifferenceKind.PAID_WITHOUT_PURCHASE,
        ),
    ],
)
def test_money_that_fits_nothing_is_left_to_a_person(
    world: World, charge: Charge, kind: DifferenceKind
) -> None:
    """Nothing is credited, and the difference stays."""
    world.given_charged()
    world.omise.charges["chrg_test_1"] = charge
    assert the_one(walk(world)) == (kind, False)
    assert world.ledger.posted == []


@pytest.mark.parametrize("metadata", [{}, {"purchase_id": "order 1"}, {"purchase_id": 5}])
def test_charges_of_another_shop_are_nobodys_business(world: World, metadata: Json) -> None:
    """The same Omise account may serve other sites."""
    world.omise.charges["chrg_test_1"] = replace(PAID, metadata=metadata)
    assert walk(world) == []


def test_a_second_payment_of_one_page_is_found(world: World) -> None:
    """The first one is credited, the second one is somebody's lost money."""
    world.given_charged()
    world.omise.pays()
    world.omise.charges["chrg_test_2"] = replace(PAID, id="chrg_test_2")
    assert [(d.kind, d.is_healed) for d in walk(world)] == [
        (DifferenceKind.PAID_NOT_CREDITED, True),
        (DifferenceKind.PAID_TWICE, False),
    ]
    assert world.ledger.balance == 550


def test_a_second_charge_that_can_be_paid_is_found(world: World) -> None:
    """Before somebody pays it."""
    world.given_completed()
    world.omise.charges["chrg_test_2"] = a_charge(id="chrg_test_2")
    assert the_one(walk(world)) == (DifferenceKind.SECOND_CHARGE_PAYABLE, False)


@pytest.mark.parametrize("is_known", [True, False])
def test_credits_without_a_payment_are_found(world: World, *, is_known: bool) -> None:
    """Whoever forged what."""
    world.given_completed()
    world.omise.becomes("chrg_test_1", ChargeStatus.FAILED)
    if not is_known:
        del world.omise.charges["chrg_test_1"]
    assert the_one(walk(world)) == (DifferenceKind.CREDITED_WITHOUT_PAYMENT, False)


def test_a_refund_that_omise_does_not_know_is_found(world: World) -> None:
    """More was taken back than refunded."""
    world.given_completed()
    world.given(replace(world.purchase, refunded_amount=100, clawed_back=1))
    assert the_one(walk(world)) == (DifferenceKind.RETURNED_LESS, False)


def overdue(world: World, purchase: Purchase) -> tuple[DifferenceKind, bool]:
    """Return what is said of a purchase that is five days old."""
    world.given(replace(purchase, created_at=TONIGHT - timedelta(days=5)))
    return the_one(walk(world))


def test_what_should_have_ended_long_ago_is_found(world: World) -> None:
    """A purchase without an end, and a refund that still holds credits."""
    assert overdue(world, a_purchase()) == (DifferenceKind.STILL_PENDING, False)
    refund = Refund("request-1", 100, 5, "someone@example.com", "why", TONIGHT - timedelta(days=2))
    world = World().given_completed(CARD)
    assert overdue(world, world.purchase.with_refund(refund, NOW)) == (
        DifferenceKind.REFUND_STILL_OPEN,
        False,
    )


def test_lists_of_more_than_a_page_are_walked_to_their_end(world: World) -> None:
    """The last charge of 250 is the one that counts, and every purchase is looked at."""
    stranger = replace(PAID, metadata={})
    for number in range(249):
        world.omise.charges[f"chrg_test_x{number}"] = replace(stranger, id=f"chrg_test_x{number}")
    world.omise.returned = ["chrg_test_x1"] * 150
    world.given(a_purchase().expired(Source.SAGA, NOW))
    world.omise.charges["chrg_test_1"] = PAID
    for number in range(3, 8):
        name = f"pur_0000000000000000000000000{number}"
        world.given(replace(a_purchase(), id=name, created_at=TONIGHT - timedelta(days=6)))
    kinds = [difference.kind for difference in walk(world)]
    assert kinds == [DifferenceKind.PAID_NOT_CREDITED, *[DifferenceKind.STILL_PENDING] * 5]


class Shelf(ReportStore):
    """Reports in memory."""

    def __init__(self) -> None:
        self.kept: dict[int, Json] = {}
        self.page = ""
        self.document: Json = {}

    def put_part(self, run: str, number: int, document: Json) -> None:
        """Keep a part."""
        assert run
        self.kept[number] = json.loads(json.dumps(document))

    def parts(self, run: str, last: int) -> Any:  # noqa: ANN401  # an iterator of documents
        """Return the parts."""
        assert run
        return (self.kept[number] for number in range(1, last + 1))

    def put_report(self, run: str, document: Json, markdown: str) -> str:
        """Keep the report."""
        self.document, self.page = document, markdown
        return f"reconciliation/{run}/report.md"


def test_a_charge_that_cannot_be_read_is_reported_and_stops_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the list, in the events and for a purchase: each names it, and the others are healed."""
    world.given_completed()
    broken = UnreadableChargeError("status", "chrg_test_9", OTHER)
    foreign = UnreadableChargeError("status", "chrg_test_8", None)
    listed = world.omise.page(NOW - timedelta(days=7), TONIGHT, 0)
    monkeypatch.setattr(
        world.omise, "page", lambda *_: replace(listed, unreadable=(broken, foreign))
    )
    fetch = world.omise.get

    def get(charge_id: str) -> Charge:
        if charge_id in {"chrg_test_8", "chrg_test_9"}:
            raise {"chrg_test_8": foreign, "chrg_test_9": broken}[charge_id]
        return fetch(charge_id)

    monkeypatch.setattr(world.omise, "get", get)
    world.omise.returned += ["chrg_test_8", "chrg_test_9"]
    found = [(one.kind, one.charge_id, one.purchase_id) for one in walk(world)]
    assert found == [(DifferenceKind.CHARGE_DIFFERS, "chrg_test_9", OTHER)] * 2


@pytest.mark.parametrize(("seconds", "parts"), [(0.0, 1), (300.0, 5)])
def test_a_part_ends_in_time_however_slow_omise_is(
    world: World, seconds: float, parts: int
) -> None:
    """Given ten purchases, two of them a scan, each scan is a part of its own if it takes long."""
    for number in range(10):
        world.given(replace(a_purchase(), id=f"pur_{number:026}"))
    clock = count(step=seconds)
    reconciling = Reconciling(
        world.purchases, world.omise, world.settlement, timedelta(0), lambda: next(clock)
    )
    position = replace(Position.begin(TONIGHT, 7), phase=Phase.PURCHASES)
    checked = []
    while position.phase is Phase.PURCHASES:
        part = reconciling.part(position, TONIGHT)
        checked.append(part.checked)
        position = part.following
    assert (sum(checked), len(checked)) in {(10, parts), (10, parts + 1)}


def reconciled(
    world: World, monkeypatch: pytest.MonkeyPatch, *, twice: bool = False
) -> tuple[Json, Shelf]:
    """Run the function until there is no part left, each part twice if it is to be repeated."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("REPORTS_BUCKET_NAME", "reports")
    monkeypatch.setenv("RECONCILIATION_DAYS", "7")
    monkeypatch.setenv("RECONCILIATION_GRACE_SECONDS", "0")
    module = importlib.import_module("billing.reconciliation.handler")
    monkeypatch.setattr(module.clock, "now", lambda: TONIGHT)
    shelf = Shelf()
    use_case = Reconciling(world.purchases, world.omise, world.settlement, timedelta(0))
    handler = module.part_handler(use_case, shelf, 7)
    answer: Json = handler(event("billing_reconciliation/first_part.json"), None)
    while answer["position"] is not None:
        if twice:
            handler({"position": answer["position"]}, None)
        answer = handler(json.loads(json.dumps(answer)), None)
    return answer, shelf


def test_the_report_lists_every_difference(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was compared, what differed, what was healed; for people and for programs."""
    world.given_completed()
    world.omise.refund("chrg_test_1", 4_490, PURCHASE)
    world.omise.charges["chrg_test_2"] = replace(PAID, id="chrg_test_2")
    answer, shelf = reconciled(world, monkeypatch)
    assert str(answer["report"]).endswith("/report.md")
    assert shelf.document["checked"] == {"charges": 2, "returns": 0, "purchases": 1}
    assert (shelf.document["difference_count"], shelf.document["healed_count"]) == (2, 1)
    assert "**2 differences, 1 healed, 1 left.**" in shelf.page
    healed = f"| return_not_recorded | chrg_test_1 | {PURCHASE} |"
    assert healed in shelf.page
    assert "| paid_twice | chrg_test_2 |" in shelf.page


def test_parts_may_be_done_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part that was killed after its work is repeated, and counts once."""
    world.given_completed()
    world.omise.charges["chrg_test_2"] = replace(PAID, id="chrg_test_2")
    _, shelf = reconciled(world, monkeypatch, twice=True)
    assert shelf.document["difference_count"] == 1


def test_each_difference_is_counted_and_logged(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The alarm listens to the metric."""
    world.given_completed()
    world.omise.refund("chrg_test_1", GROWTH.amount, PURCHASE)
    reconciled(world, monkeypatch)
    assert '"ReconciliationDifferences":1' in capsys.readouterr().out
    (logged,) = (record for record in caplog.records if record.message == "books differ")
    assert vars(logged)["kind"] == "return_not_recorded"


def test_no_difference_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty table would look like a mistake."""
    _, shelf = reconciled(world, monkeypatch)
    assert "The books agree." in shelf.page
