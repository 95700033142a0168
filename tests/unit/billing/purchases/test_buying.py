"""Opening a purchase: once per key, and with a moment's patience."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from billing.domain.charge import Card, ChargeStatus
from billing.domain.packages import PackageNotFoundError
from billing.domain.purchase_parts import PurchaseStatus
from billing.purchase.buying import Bought, Buyer, Buying, ReturnHosts
from billing.representation import purchase_document
from kernel.errors import TemporarilyUnavailableError, ValidationFailedError
from kernel.idempotency import IdempotencyKeyReusedError
from tests.unit.billing.purchases.world import CARD, GROWTH, NOW, USER, World

BUYER = Buyer(USER, "key-1", "cor-1")
HOSTS = ReturnHosts(("example.com",), ())


class Clock:
    """Time that passes only by sleeping; something may happen meanwhile."""

    def __init__(self, happens: dict[int, Callable[[], object]] | None = None) -> None:
        self.now = 0.0
        self.pauses: list[float] = []
        self._happens = happens or {}

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        self.pauses.append(seconds)
        self._happens.get(len(self.pauses), lambda: None)()

    def monotonic(self) -> float:
        """Tell the time."""
        return self.now


def buy(
    world: World,
    *,
    buyer: Buyer = BUYER,
    package_id: str = "growth",
    card: Card | None = None,
    wait: int = 0,
    clock: Clock | None = None,
) -> Bought:
    """Buy a package that is on sale."""
    clock = clock or Clock()
    packages = {"growth": GROWTH, "again": GROWTH}
    buying = Buying(packages, world.purchases, HOSTS, clock.sleep, clock.monotonic)
    return buying.buy(buyer, package_id, card, wait, NOW)


def test_a_purchase_is_pending_and_keeps_its_price(world: World) -> None:
    """One write, and nothing asked of Omise."""
    bought = buy(world)
    assert purchase_document(bought.purchase) == {
        "id": BUYER.purchase_id,
        "status": "pending",
        "package_id": "growth",
        "credits": 500,
        "bonus_credits": 50,
        "amount": 44_900,
        "currency": "THB",
        "payment_method": {"type": "promptpay"},
        "payment": None,
        "failure": None,
        "history": [{"at": "2025-03-01T12:00:00.000Z", "status": "pending", "source": "api"}],
        "refunded_amount": 0,
        "created_at": "2025-03-01T12:00:00.000Z",
        "updated_at": "2025-03-01T12:00:00.000Z",
        "completed_at": None,
    }
    assert world.purchases.writes == 1
    assert world.omise.charges == {}
    assert not bought.is_replay


def test_d01_the_card_s_token_is_not_shown(world: World) -> None:
    """Neither token nor return URI are anybody's business afterwards."""
    shown = str(purchase_document(buy(world, card=CARD).purchase))
    assert CARD.token not in shown
    assert CARD.return_uri not in shown


def test_i02_the_same_key_and_request_is_the_same_purchase(world: World) -> None:
    """As it is now, and no second effect."""
    first = buy(world).purchase
    world.charging.create_charge(first.id, NOW)
    again = buy(world)
    assert again.is_replay
    assert again.purchase.id == first.id
    assert again.purchase.payment is not None
    assert len(world.purchases.rows) == 1


@pytest.mark.parametrize("other", [{"package_id": "again"}, {"card": CARD}])
def test_i03_the_same_key_with_another_request_is_refused(
    world: World, other: dict[str, object]
) -> None:
    """Another package, another card."""
    buy(world)
    with pytest.raises(IdempotencyKeyReusedError):
        buy(world, **other)  # type: ignore[arg-type]  # the test names parameters


def test_i05_keys_are_the_user_s_own(world: World) -> None:
    """Another user's same key is another purchase."""
    other = Buyer("usr_00000000000000000000000002", "key-1", "cor-1")
    assert buy(world).purchase.id != buy(world, buyer=other).purchase.id


def test_i07_what_was_refused_did_not_use_the_key_up(world: World) -> None:
    """An unknown package and a foreign return URI leave nothing behind."""
    with pytest.raises(PackageNotFoundError):
        buy(world, package_id="gone")
    with pytest.raises(ValidationFailedError):
        buy(world, card=Card("tokn_test_1", "https://example.org/"))
    assert not buy(world).is_replay


def test_i02_a_purchase_outlives_its_package(world: World) -> None:
    """A replay after the package was taken off the catalogue still answers."""
    first = buy(world).purchase
    without = Buying({}, world.purchases, HOSTS)
    again = without.buy(BUYER, "growth", None, 0, NOW)
    assert again == Bought(first, is_replay=True)
    with pytest.raises(IdempotencyKeyReusedError):
        without.buy(BUYER, "again", None, 0, NOW)


def test_the_wait_ends_when_the_charge_is_there(world: World) -> None:
    """The buyer gets the QR code in the first answer."""
    clock = Clock({2: lambda: world.charging.create_charge(BUYER.purchase_id, NOW)})
    bought = buy(world, wait=5, clock=clock)
    assert bought.purchase.payment is not None
    assert len(clock.pauses) == 2


def test_the_wait_ends_when_the_purchase_ends(world: World) -> None:
    """A declined card is an answer, too."""
    world.omise.created_status = ChargeStatus.FAILED
    clock = Clock({1: lambda: world.charging.create_charge(BUYER.purchase_id, NOW)})
    assert buy(world, card=CARD, wait=5, clock=clock).purchase.status is PurchaseStatus.FAILED


@pytest.mark.parametrize("wait", [0, 1, 5, 10])
def test_the_wait_is_never_longer_than_asked_for(world: World, wait: int) -> None:
    """And the reads come ever more slowly."""
    clock = Clock()
    assert buy(world, wait=wait, clock=clock).purchase.payment is None
    assert clock.now <= wait
    assert clock.pauses == sorted(clock.pauses)
    assert len(clock.pauses) <= 14


def test_trouble_while_waiting_does_not_hide_the_purchase(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is stored; the answer says so."""

    def unanswered(_: str) -> None:
        raise TemporarilyUnavailableError("busy")

    monkeypatch.setattr(world.purchases, "get", unanswered)
    assert buy(world, wait=2).purchase.is_pending
