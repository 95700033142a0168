"""The webhook: every check in its order, and nothing believed that Omise does not say itself."""

from __future__ import annotations

import json
from dataclasses import replace
from unittest import mock

import pytest

from billing.adapters.ledger_store import AccountBusyError
from billing.adapters.omise_errors import OmiseRefusalError, UnreadableChargeError
from billing.adapters.purchase_store import Waiting
from billing.adapters.secrets import OmiseSecretReader, OmiseSecrets
from billing.domain.charge import ChargeStatus
from billing.domain.purchase_parts import PurchaseStatus
from billing.domain.webhook_event import RETURN_EVENTS
from billing.domain.webhook_signature import WebhookRejectedError
from billing.webhook.receiving import MAX_BODY_BYTES, Receiving
from kernel.errors import TemporarilyUnavailableError
from kernel.json_body import MalformedJsonError, PayloadTooLargeError
from tests.unit.billing.purchases.test_webhook_signature import NEW, OLD, signed
from tests.unit.billing.purchases.world import NOW, PURCHASE, World, a_charge, lost


class FakeSecrets(OmiseSecretReader):
    """Secrets that are rotated while a cached one is in use."""

    def __init__(self, cached: bytes, newest: bytes | None = None) -> None:
        self._cached, self._newest = cached, newest
        self.refreshes = 0

    def current(self) -> OmiseSecrets:
        """Return what is cached."""
        return OmiseSecrets("https://example.com/", "skey_test_1", (self._cached,))

    def refreshed(self) -> OmiseSecrets | None:
        """Return what is newest, unless looked up a moment ago."""
        self.refreshes += 1
        if self._newest is None:
            return None
        return OmiseSecrets("https://example.com/", "skey_test_1", (self._newest,))


def event(charge_id: object = "chrg_test_1", key: object = "charge.complete") -> bytes:
    """Return an event's body; what it says beside the charge's id must not matter."""
    data = {"object": "charge", "id": charge_id, "status": "successful", "paid": True}
    return json.dumps({"object": "event", "key": key, "data": data}).encode()


def deliver(
    world: World,
    raw: bytes | None = None,
    *,
    secrets: FakeSecrets | None = None,
    headers: dict[str, str] | None = None,
) -> None:
    """Deliver an event, rightly signed unless said otherwise."""
    body = event() if raw is None else raw
    receiving = Receiving(
        secrets or FakeSecrets(OLD), world.omise, world.purchases, world.settlement, world.signal
    )
    receiving.receive(body, signed(body, OLD) if headers is None else headers, NOW)


def rejection(world: World, raw: bytes | None = None, **options: object) -> str:
    """Return why an event is rejected."""
    with pytest.raises(WebhookRejectedError) as rejected:
        deliver(world, raw, **options)  # type: ignore[arg-type]  # passed on as it came
    return rejected.value.reason


def test_a_paid_charge_is_credited_and_the_saga_told(world: World) -> None:
    """Once Omise itself says so."""
    world.given_charged()
    world.awaiting.await_payment(PURCHASE, "token-1")
    world.omise.pays()
    deliver(world)
    assert world.ledger.balance == 550
    assert world.signals == [("token-1", "completed")]


def test_a_saga_that_began_to_wait_while_its_purchase_was_settled_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its token came after the purchase was read, and it saw the purchase before that changed."""
    world.given_charged()
    world.omise.pays()
    read = world.purchases.waiting

    def read_and_be_overtaken(purchase_id: str) -> Waiting | None:
        monkeypatch.setattr(world.purchases, "waiting", read)
        waiting = read(purchase_id)
        world.awaiting.await_payment(PURCHASE, "token-1")
        return waiting

    monkeypatch.setattr(world.purchases, "waiting", read_and_be_overtaken)
    deliver(world)
    assert world.signals == [("token-1", "completed")]


def test_w01_delivered_again_and_again_it_credits_once(world: World) -> None:
    """And writes nothing more, and tells nobody twice."""
    world.given_charged()
    world.awaiting.await_payment(PURCHASE, "token-1")
    world.omise.pays()
    deliver(world)
    writes = world.purchases.writes
    for _ in range(20):
        deliver(world)
    assert world.ledger.balance == 550
    assert world.purchases.writes == writes
    assert len(world.signals) == 1


def test_the_body_s_own_status_counts_for_nothing(world: World) -> None:
    """It says successful; the charge is pending."""
    world.given_charged()
    deliver(world)
    assert world.purchase.is_pending
    assert world.ledger.posted == []


def test_w02_a_wrong_signature_is_rejected_before_anything_is_fetched(world: World) -> None:
    """The purchase exists and is paid; the notice still counts for nothing."""
    world.given_charged()
    world.omise.pays()
    reads = world.purchases.reads
    assert rejection(world, headers=signed(event(), NEW)) == "signature_wrong"
    assert world.purchases.reads == reads


def test_w05_a_secret_rotated_a_moment_ago_is_looked_up(world: World) -> None:
    """The cached one does not fit, the newest does."""
    world.given_charged()
    world.omise.pays()
    deliver(world, secrets=FakeSecrets(NEW, OLD))
    assert world.ledger.balance == 550


@pytest.mark.parametrize("newest", [None, NEW])
def test_w02_a_forged_signature_stays_forged(world: World, newest: bytes | None) -> None:
    """Whether a look-up is allowed now or not."""
    secrets = FakeSecrets(NEW, newest)
    assert rejection(world, secrets=secrets) == "signature_wrong"
    assert secrets.refreshes == 1


def test_w04_a_stale_notice_asks_for_no_secret(world: World) -> None:
    """Only a signature that might be right is worth a look-up."""
    secrets = FakeSecrets(OLD, OLD)
    headers = signed(event(), OLD) | {"omise-signature-timestamp": "1"}
    assert rejection(world, secrets=secrets, headers=headers) == "timestamp_stale"
    assert secrets.refreshes == 0


def test_w03_signatures_can_be_off_only_by_the_settings(world: World) -> None:
    """Then the charge that Omise confirms still is what counts."""
    world.given_charged()
    world.omise.pays()
    unsigned = Receiving(None, world.omise, world.purchases, world.settlement, world.signal)
    unsigned.receive(event(), {}, NOW)
    assert world.ledger.balance == 550


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'"charge.complete"', b"\xff"])
def test_a_body_that_is_no_event_is_malformed(world: World, raw: bytes) -> None:
    """Though rightly signed."""
    with pytest.raises(MalformedJsonError):
        deliver(world, raw)


def test_a_huge_body_is_refused(world: World) -> None:
    """Omise's events are large, but not that large."""
    with pytest.raises(PayloadTooLargeError):
        deliver(world, b" " * (MAX_BODY_BYTES + 1))


@pytest.mark.parametrize(
    "key", ["refund.update", "transfer.create", "customer.create", "charge.update", "", 5, None, []]
)
def test_w08_events_without_meaning_have_no_effect(world: World, key: object) -> None:
    """They are received, so that Omise does not send them again."""
    world.given_charged()
    world.omise.pays()
    deliver(world, event(key=key))
    assert world.purchase.is_pending


@pytest.mark.parametrize(
    "charge_id",
    [None, 5, "", "chrg_test_1/../../customers", "cust_test_1", "chrg_TEST", "chrg_test_1\n"],
)
def test_a_charge_id_of_another_form_is_rejected(world: World, charge_id: object) -> None:
    """It would become part of a path."""
    assert rejection(world, event(charge_id)) == "charge_id_malformed"


@pytest.mark.parametrize("named", [None, "order-17"])
def test_a_charge_of_another_shop_that_cannot_be_read_is_received(
    world: World, monkeypatch: pytest.MonkeyPatch, named: str | None
) -> None:
    """It is none of ours, so Omise need not tell again."""
    unreadable = UnreadableChargeError("status", "chrg_test_1", named)
    monkeypatch.setattr(world.omise, "get", mock.Mock(side_effect=unreadable))
    deliver(world)


@pytest.mark.parametrize(
    ("charge_id", "purchase_id"), [("chrg_test_1", PURCHASE), (None, None), ("chrg_test_2", None)]
)
def test_w10_what_may_be_ours_and_cannot_be_read_asks_for_redelivery(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    charge_id: str | None,
    purchase_id: str | None,
) -> None:
    """A charge of ours, or something that is not the charge at all: it may be readable by then."""
    unreadable = UnreadableChargeError("status", charge_id, purchase_id)
    monkeypatch.setattr(world.omise, "get", mock.Mock(side_effect=unreadable))
    with pytest.raises(TemporarilyUnavailableError):
        deliver(world)


def test_w09_a_charge_that_omise_does_not_know_is_rejected(world: World) -> None:
    """Made up, or of the other mode."""
    assert rejection(world, event("chrg_test_2")) == "charge_unknown"


@pytest.mark.parametrize(
    ("difference", "reason"),
    [
        ({"amount": 2_000}, "amount_mismatch"),
        ({"currency": "USD"}, "currency_mismatch"),
        ({"livemode": True}, "livemode_mismatch"),
        ({"metadata": {"purchase_id": PURCHASE, "user_id": "usr_other"}}, "user_mismatch"),
    ],
)
def test_w07_a_real_charge_that_does_not_match_is_rejected(
    world: World, difference: dict[str, object], reason: str
) -> None:
    """Paid, but for something else."""
    world.given_charged()
    world.omise.charges["chrg_test_1"] = a_charge(ChargeStatus.SUCCESSFUL, **difference)
    assert rejection(world) == reason
    assert world.ledger.posted == []


@pytest.mark.parametrize(
    "metadata", [{}, {"purchase_id": 5}, {"purchase_id": "order 1"}, {"purchase_id": PURCHASE}]
)
def test_charges_of_another_shop_are_received_and_left_alone(
    world: World, metadata: dict[str, object]
) -> None:
    """The same Omise account may serve other stages and other sites."""
    world.omise.charges["chrg_test_1"] = a_charge(ChargeStatus.SUCCESSFUL, metadata=metadata)
    deliver(world)
    assert world.ledger.posted == []


def test_a_declined_payment_ends_the_wait(world: World) -> None:
    """There is no `charge.failed`: a failure is complete, too."""
    world.given_charged()
    world.awaiting.await_payment(PURCHASE, "token-1")
    world.omise.becomes("chrg_test_1", ChargeStatus.FAILED)
    deliver(world)
    assert world.signals == [("token-1", "failed")]


def test_w08_late_money_credits_and_tells_nobody(world: World) -> None:
    """The saga is over by then."""
    world.given_charged()
    world.awaiting.await_payment(PURCHASE, "token-1")
    world.omise.expire("chrg_test_1")
    deliver(world, event(key="charge.expire"))
    world.omise.pays()
    deliver(world)
    assert world.purchase.status is PurchaseStatus.COMPLETED
    assert world.signals == [("token-1", "expired")]


def test_w10_omise_out_of_reach_asks_for_redelivery(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the redelivery credits."""
    world.given_charged()
    world.omise.pays()
    with monkeypatch.context() as patch:

        def unanswered(_: str) -> None:
            raise lost()

        patch.setattr(world.omise, "get", unanswered)
        with pytest.raises(TemporarilyUnavailableError):
            deliver(world)
    deliver(world)
    assert world.ledger.balance == 550


def test_w10_another_refusal_of_omise_asks_for_redelivery(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only "not found" says that the charge does not exist."""

    def refused(_: str) -> None:
        raise OmiseRefusalError(400, "bad_request", "no")

    monkeypatch.setattr(world.omise, "get", refused)
    with pytest.raises(TemporarilyUnavailableError):
        deliver(world)


def test_w10_dynamodb_out_of_reach_asks_for_redelivery(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was written, and the redelivery credits."""
    world.given_charged()
    world.omise.pays()
    with monkeypatch.context() as patch:

        def unanswered(*_: object) -> None:
            raise TemporarilyUnavailableError("busy")

        patch.setattr(world.ledger, "commit", unanswered)
        with pytest.raises(TemporarilyUnavailableError):
            deliver(world)
    assert world.purchase.is_pending
    deliver(world)
    assert world.ledger.balance == 550


def test_two_at_once_credit_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one read the purchase before the first one settled it."""
    world.given_charged()
    world.omise.pays()
    read_before = world.purchases.waiting(PURCHASE)
    deliver(world)
    monkeypatch.setattr(world.purchases, "waiting", lambda _: read_before)
    deliver(world)
    assert world.ledger.balance == 550


def test_a_second_payment_raises_the_alarm(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two charges of one purchase were paid: the second bought nothing."""
    world.given_charged()
    world.omise.pays()
    deliver(world)
    world.omise.charges["chrg_test_2"] = a_charge(ChargeStatus.SUCCESSFUL, id="chrg_test_2")
    deliver(world, event("chrg_test_2"))
    assert world.ledger.balance == 550
    assert '"PurchaseStuck"' in capsys.readouterr().out


def test_w10_a_busy_account_asks_for_redelivery(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account's other writers were faster at every attempt."""
    world.given_charged()
    world.omise.pays()

    def busy(*_: object) -> None:
        raise AccountBusyError

    monkeypatch.setattr(world.ledger, "commit", busy)
    with pytest.raises(TemporarilyUnavailableError):
        deliver(world)


def test_a_purchase_that_keeps_changing_is_tried_again_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rounds are bounded."""
    world.given_charged()
    world.omise.pays()
    put = world.purchases.put

    def changed_meanwhile(purchase: object) -> object:
        world.purchases.rows[PURCHASE] = replace(world.purchase, version=world.purchase.version + 1)
        return put(purchase)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(world.purchases, "put", changed_meanwhile)
    with pytest.raises(TemporarilyUnavailableError):
        deliver(world)
    assert world.ledger.posted == []


@pytest.mark.parametrize("charge", ["chrg_test_1", {"object": "charge", "id": "chrg_test_1"}])
@pytest.mark.parametrize("key", sorted(RETURN_EVENTS))
def test_a_refund_or_dispute_names_its_charge(world: World, key: str, charge: object) -> None:
    """By its id or with all of it inside; what is fetched then counts."""
    world.given_completed()
    world.omise.refund("chrg_test_1", 4_490, PURCHASE)
    data = {"object": "refund", "id": "rfnd_test_1", "amount": 44_900, "charge": charge}
    deliver(world, json.dumps({"object": "event", "key": key, "data": data}).encode())
    assert world.purchase.refunded_amount == 4_490
    assert world.ledger.balance == 495


@pytest.mark.parametrize("data", [None, {}, {"charge": None}, {"charge": "cust_test_1"}, []])
def test_a_refund_without_a_charge_is_rejected(world: World, data: object) -> None:
    """There is nothing that could be asked about it."""
    raw = json.dumps({"object": "event", "key": "refund.create", "data": data}).encode()
    assert rejection(world, raw) == "charge_id_malformed"


def test_w01_a_refund_told_many_times_takes_once(world: World) -> None:
    """And the ledger verifies."""
    world.given_completed()
    world.omise.refund("chrg_test_1", 4_490, PURCHASE)
    for _ in range(20):
        deliver(world, event(key="charge.complete"))
    assert [entry.type for entry in world.ledger.posted] == ["purchase", "bonus", "clawback"]
