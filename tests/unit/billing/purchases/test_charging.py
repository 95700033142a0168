"""Exactly one charge, from a provider without idempotency keys."""

from __future__ import annotations

from datetime import timedelta

import pytest

from billing.adapters.omise_errors import OmiseRefusalError, OmiseUnavailableError
from billing.adapters.purchase_store import PurchaseChangedError
from billing.domain.charge import ChargeStatus
from billing.domain.purchase import MAX_ATTEMPTS, PurchaseNotFoundError
from billing.domain.purchase_parts import Failure, Source
from billing.saga.charging import LOOKS
from kernel.errors import TemporarilyUnavailableError
from tests.unit.billing.purchases.world import (
    CARD,
    NOW,
    PURCHASE,
    WINDOW,
    World,
    a_charge,
    a_purchase,
    lost,
)


def test_a_promptpay_charge_is_made_and_waits(world: World) -> None:
    """The purchase shows the QR code and until when it can be paid."""
    world.given(a_purchase())
    assert world.charging.create_charge(PURCHASE, NOW) == "pending"
    payment = world.purchase.payment
    assert payment is not None
    assert payment.qr_code_uri == "https://example.com/qr"
    assert payment.expires_at == NOW + WINDOW


def test_the_charge_names_purchase_user_and_attempt(world: World) -> None:
    """That is how it is found again."""
    world.given_charged()
    assert world.omise.charges["chrg_test_1"].metadata == {
        "purchase_id": PURCHASE,
        "user_id": world.purchase.user_id,
        "attempt": 1,
        "correlation_id": "cor-1",
    }


def test_omise_s_own_expiry_counts_where_it_is_earlier() -> None:
    """Who pays later would not be let."""
    earlier = NOW + timedelta(hours=1)
    purchase = a_purchase().attempt_started(NOW)
    payment = purchase.with_charge(a_charge(expires_at=earlier), NOW + WINDOW, NOW).payment
    assert payment is not None
    assert payment.expires_at == earlier


def test_a_card_that_is_paid_at_once_is_settled_at_once(world: World) -> None:
    """Without 3-D Secure there is nothing to wait for."""
    world.omise.created_status = ChargeStatus.SUCCESSFUL
    world.given(a_purchase(CARD))
    assert world.charging.create_charge(PURCHASE, NOW) == "completed"
    assert world.ledger.balance == 550


def test_a_declined_card_fails_the_purchase_with_omise_s_words(world: World) -> None:
    """A decline is a charge, and not an error."""
    world.omise.created_status = ChargeStatus.FAILED
    world.given(a_purchase(CARD))
    assert world.charging.create_charge(PURCHASE, NOW) == "failed"
    assert world.purchase.failure == Failure("insufficient_fund", "no money")


def test_d01_the_token_is_forgotten_as_soon_as_it_was_used(world: World) -> None:
    """A used token is of no use to anybody."""
    world.given_charged(CARD)
    assert world.purchase.card is None


def test_a_refusal_is_the_purchase_s_failure(world: World) -> None:
    """Omise says why: used, unknown or foreign tokens among others."""
    world.omise.before.append(OmiseRefusalError(422, "used_token", "token was already used"))
    world.given(a_purchase(CARD))
    assert world.charging.create_charge(PURCHASE, NOW) == "failed"
    assert world.purchase.failure == Failure("used_token", "token was already used")
    assert world.purchase.card is None


def test_a_charge_that_exists_is_not_made_again(world: World) -> None:
    """A step that runs twice does its work once."""
    world.given_charged()
    assert world.charging.create_charge(PURCHASE, NOW) == "pending"
    assert len(world.omise.charges) == 1


def test_i06_s05_an_answer_that_got_lost_is_looked_for(world: World) -> None:
    """The charge exists, nobody told us: found, and not made again."""
    world.omise.after.append(lost())
    world.given(a_purchase())
    assert world.charging.create_charge(PURCHASE, NOW) == "unknown"
    assert world.charging.find_charge(PURCHASE, 1, NOW) == "pending"
    assert len(world.omise.charges) == 1
    assert world.purchase.payment is not None


def test_i06_killed_after_the_charge_was_made_it_looks(world: World) -> None:
    """The next run finds the open attempt; it does not ask again."""
    world.omise.after.append(KeyboardInterrupt())  # type: ignore[arg-type]  # killed
    world.given(a_purchase())
    with pytest.raises(KeyboardInterrupt):
        world.charging.create_charge(PURCHASE, NOW)
    assert world.charging.create_charge(PURCHASE, NOW) == "unknown"
    assert world.charging.find_charge(PURCHASE, 1, NOW) == "pending"
    assert len(world.omise.charges) == 1


def test_s05_a_charge_that_shows_up_late_is_still_found(world: World) -> None:
    """One look proves nothing; the last one comes late enough."""
    world.omise.after.append(lost())
    world.omise.hidden_looks = LOOKS - 1
    world.given(a_purchase())
    world.charging.create_charge(PURCHASE, NOW)
    outcomes = [world.charging.find_charge(PURCHASE, look, NOW) for look in (1, 2, 3)]
    assert outcomes == ["absent", "absent", "pending"]
    assert len(world.omise.charges) == 1


def test_a_charge_that_certainly_does_not_exist_is_asked_for_again(world: World) -> None:
    """After the last look, and not before."""
    world.omise.before.append(lost())
    world.given(a_purchase())
    assert world.charging.create_charge(PURCHASE, NOW) == "unknown"
    assert world.charging.find_charge(PURCHASE, LOOKS - 1, NOW) == "absent"
    assert world.charging.find_charge(PURCHASE, LOOKS, NOW) == "retry"
    assert world.charging.find_charge(PURCHASE, LOOKS, NOW) == "retry"
    assert world.charging.create_charge(PURCHASE, NOW) == "pending"
    assert world.purchase.attempts == 2


def test_a_provider_that_stays_away_fails_the_purchase(world: World) -> None:
    """After three attempts the buyer is told."""
    world.omise.before += [lost()] * MAX_ATTEMPTS
    world.given(a_purchase())
    for _ in range(MAX_ATTEMPTS):
        assert world.charging.create_charge(PURCHASE, NOW) == "unknown"
        last = world.charging.find_charge(PURCHASE, LOOKS, NOW)
    assert last == "failed"
    assert world.purchase.failure is not None
    assert world.purchase.failure.code == "provider_unavailable"
    assert world.omise.charges == {}


def test_a_call_that_certainly_did_nothing_is_simply_repeated(world: World) -> None:
    """No connection, too many calls, a key of yesterday: no need to look."""
    world.omise.before.append(OmiseUnavailableError("status 429", may_have_happened=False))
    world.given(a_purchase())
    with pytest.raises(TemporarilyUnavailableError):
        world.charging.create_charge(PURCHASE, NOW)
    assert world.charging.create_charge(PURCHASE, NOW) == "pending"


def test_calls_that_did_nothing_use_no_attempts_up(world: World) -> None:
    """However long Omise turns calls away, as many answers may get lost afterwards as ever."""
    nothing = OmiseUnavailableError("status 429", may_have_happened=False)
    world.omise.before += [nothing] * (2 * MAX_ATTEMPTS)
    world.given(a_purchase())
    for _ in range(2 * MAX_ATTEMPTS):
        with pytest.raises(TemporarilyUnavailableError):
            world.charging.create_charge(PURCHASE, NOW)
    assert world.charging.create_charge(PURCHASE, NOW) == "pending"
    assert world.purchase.attempts == 1


def test_a_purchase_that_is_given_up_has_failed(world: World) -> None:
    """Given calls that all did nothing, the buyer is told, and nobody is woken up."""
    world.omise.before.append(OmiseUnavailableError("status 429", may_have_happened=False))
    world.given(a_purchase())
    with pytest.raises(TemporarilyUnavailableError):
        world.charging.create_charge(PURCHASE, NOW)
    assert [world.charging.give_up(PURCHASE, NOW) for _ in range(2)] == ["failed", "failed"]
    assert world.purchase.failure is not None
    assert world.purchase.failure.code == "provider_unavailable"


def test_what_may_have_a_charge_is_not_given_up(world: World) -> None:
    """Given an attempt whose answer got lost, and one that was answered, the saga goes on."""
    world.omise.after.append(lost())
    world.given(a_purchase())
    world.charging.create_charge(PURCHASE, NOW)
    assert world.charging.give_up(PURCHASE, NOW) == "unknown"
    assert world.charging.find_charge(PURCHASE, 1, NOW) == "pending"
    assert world.charging.give_up(PURCHASE, NOW) == "pending"


def test_a_token_used_by_an_earlier_attempt_is_no_failure(world: World) -> None:
    """That attempt may have made a charge after all: look again, never fail blindly."""
    world.omise.after.append(lost())
    world.omise.hidden_looks = 1
    world.given(a_purchase(CARD))
    assert world.charging.create_charge(PURCHASE, NOW) == "unknown"
    assert world.charging.find_charge(PURCHASE, LOOKS, NOW) == "retry"
    assert world.charging.create_charge(PURCHASE, NOW) == "unknown"
    assert world.charging.find_charge(PURCHASE, 1, NOW) == "pending"
    assert len(world.omise.charges) == 1


def test_a_look_that_is_not_answered_proves_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The step is repeated; the attempt stays open."""
    world.omise.after.append(lost())
    world.given(a_purchase())
    world.charging.create_charge(PURCHASE, NOW)

    def unanswered(*_: object) -> None:
        raise lost()

    monkeypatch.setattr(world.omise, "find", unanswered)
    with pytest.raises(TemporarilyUnavailableError):
        world.charging.find_charge(PURCHASE, LOOKS, NOW)
    assert world.purchase.attempt_open_since is not None


def test_of_several_charges_the_paid_one_goes_on(world: World) -> None:
    """Against all intentions there are two; money decides, and somebody is called."""
    world.omise.after.append(lost())
    world.given(a_purchase())
    world.charging.create_charge(PURCHASE, NOW)
    world.omise.charges["chrg_test_9"] = a_charge(id="chrg_test_9")
    world.omise.pays("chrg_test_1")
    assert world.charging.find_charge(PURCHASE, 1, NOW) == "completed"
    assert world.purchase.payment is not None
    assert world.purchase.payment.charge_id == "chrg_test_1"


def test_a_webhook_that_is_faster_than_the_answer_loses_nothing(world: World) -> None:
    """The charge is paid and settled before its creation was recorded."""
    world.omise.after.append(lost())
    world.given(a_purchase())
    world.charging.create_charge(PURCHASE, NOW)
    world.omise.pays()
    world.settlement.settle(
        world.purchase,
        world.omise.charges["chrg_test_1"],
        livemode=False,
        source=Source.WEBHOOK,
        now=NOW,
    )
    assert world.charging.find_charge(PURCHASE, 1, NOW) == "completed"
    assert world.charging.create_charge(PURCHASE, NOW) == "completed"
    assert world.ledger.balance == 550


def test_a_charge_recorded_but_not_settled_leads_to_settle(world: World) -> None:
    """Killed between the two, the state machine settles."""
    world.given(a_purchase(CARD))
    paid = a_charge(ChargeStatus.SUCCESSFUL)
    world.purchases.save(world.purchase.attempt_started(NOW))
    world.purchases.save(world.purchase.with_charge(paid, NOW + WINDOW, NOW))
    assert world.charging.create_charge(PURCHASE, NOW) == "paid"
    assert not world.purchase.is_answerable


def test_a_purchase_that_changes_meanwhile_is_not_overwritten(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The version decides; the step runs again on what is there."""
    world.given(a_purchase())
    stale = world.purchase
    world.purchases.save(stale.expired(Source.RECONCILER, NOW))
    monkeypatch.setattr(world.purchases, "get", lambda _: stale)
    with pytest.raises(PurchaseChangedError):
        world.charging.create_charge(PURCHASE, NOW)
    assert world.omise.charges == {}


def test_a_saga_without_its_purchase_is_a_defect(world: World) -> None:
    """Nothing is asked of Omise."""
    with pytest.raises(PurchaseNotFoundError):
        world.charging.create_charge(PURCHASE, NOW)
