"""Charges at Omise, against the sandbox, with its faults."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from billing.adapters import omise_charges
from billing.adapters.omise_charge_json import charge_of, charges_of
from billing.adapters.omise_charges import READ_ATTEMPTS, OmiseCharges
from billing.adapters.omise_errors import (
    OmiseRefusalError,
    OmiseUnavailableError,
    UnreadableChargeError,
)
from billing.adapters.omise_event_json import EventPage, events_of
from billing.adapters.secrets import OmiseSecrets
from billing.domain.charge import Card, Charge, ChargeOrder, ChargeStatus, DisputeStatus
from tests.patience import be_brief
from tests.unit.billing.purchases.world import PURCHASE, USER
from tests.unit.omise_sandbox.running import SECRET_KEY, VISA_TEST_RANGE, Gateway

WINDOW = timedelta(minutes=30)


class Sleeps(list[float]):
    """Remembers how long it was asked to sleep."""

    def __call__(self, seconds: float) -> None:
        """Do not sleep."""
        self.append(seconds)


@pytest.fixture
def sleeps() -> Sleeps:
    """Shorten every wait."""
    return Sleeps()


@pytest.fixture
def charges(sandbox: Gateway, sleeps: Sleeps) -> OmiseCharges:
    """Return the adapter, pointed at the sandbox."""
    secrets = OmiseSecrets(sandbox.url + "/", SECRET_KEY, ())
    return OmiseCharges(lambda: secrets, sleeps, lambda: 1.0)


def order(card: Card | None = None) -> ChargeOrder:
    """Return what the saga asks for."""
    now = datetime.now(UTC).replace(microsecond=0)
    metadata: dict[str, str | int] = {"purchase_id": PURCHASE, "user_id": USER, "attempt": 1}
    return ChargeOrder(44_900, "THB", "Growth", metadata, card, now + WINDOW)


def found(charges: OmiseCharges) -> list[Charge]:
    """Look for the purchase's charges around now."""
    now = datetime.now(UTC)
    return charges.find(PURCHASE, now - WINDOW, now + WINDOW)


def test_looking_ends_before_the_function_is_stopped(
    sandbox: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given an Omise that is slow to list many charges, what it has told so far is not certain."""
    monkeypatch.setattr(omise_charges, "PAGE_SIZE", 1)
    secrets = OmiseSecrets(sandbox.url + "/", SECRET_KEY, ())
    seconds = iter((0.0, 0.0, 61.0))
    slow = OmiseCharges(lambda: secrets, monotonic=lambda: next(seconds))
    slow.create(order())
    with pytest.raises(OmiseUnavailableError) as refusal:
        found(slow)
    assert refusal.value.what == "too slow to be certain"


def test_a_promptpay_charge_has_a_qr_code_and_our_end(charges: OmiseCharges) -> None:
    """And is what was asked for."""
    asked = order()
    charge = charges.create(asked)
    assert charge.status is ChargeStatus.PENDING
    assert charge.qr_code_uri is not None
    assert charge.expires_at == asked.expires_at
    assert (charge.amount, charge.currency) == (44_900, "THB")
    assert charge.metadata == asked.metadata
    assert charges.get(charge.id) == charge


def test_a_card_is_paid_once(charges: OmiseCharges, sandbox: Gateway) -> None:
    """Its token is of no use afterwards."""
    card = Card(sandbox.token(), "https://example.com/back")
    assert charges.create(order(card)).is_paid
    with pytest.raises(OmiseRefusalError, match="used_token"):
        charges.create(order(card))


def test_a_declined_card_is_a_charge_with_a_reason(charges: OmiseCharges, sandbox: Gateway) -> None:
    """No error, and no money."""
    declined = sandbox.token(VISA_TEST_RANGE + "40011")
    charge = charges.create(order(Card(declined, "https://example.com/back")))
    assert (charge.status, charge.failure_code) == (ChargeStatus.FAILED, "insufficient_fund")
    assert not charge.is_paid


@pytest.mark.parametrize(
    "fault", ["timeout_after", "error_after", "drop_connection_after", "html_502_after"]
)
def test_s05_a_charge_whose_answer_got_lost_is_found(
    charges: OmiseCharges, sandbox: Gateway, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its metadata, and there is one."""
    be_brief(monkeypatch, fault)
    sandbox.fault(fault, "create_charge", status=500)
    with pytest.raises(OmiseUnavailableError) as lost:
        charges.create(order())
    assert lost.value.may_have_happened
    assert len(found(charges)) == 1


@pytest.mark.parametrize("fault", ["timeout_before", "error_before", "drop_connection_before"])
def test_a_charge_that_was_not_made_is_not_found(
    charges: OmiseCharges, sandbox: Gateway, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The outcome was just as open."""
    be_brief(monkeypatch, fault)
    sandbox.fault(fault, "create_charge", status=503)
    with pytest.raises(OmiseUnavailableError) as lost:
        charges.create(order())
    assert lost.value.may_have_happened
    assert found(charges) == []


def test_creating_is_never_repeated(
    charges: OmiseCharges, sandbox: Gateway, sleeps: Sleeps
) -> None:
    """Not even when nothing seems to have happened."""
    sandbox.fault("too_many_requests", "create_charge")
    with pytest.raises(OmiseUnavailableError) as turned_away:
        charges.create(order())
    assert not turned_away.value.may_have_happened
    assert sleeps == []


@pytest.mark.parametrize(
    "fault", ["error_before", "html_502", "too_many_requests", "drop_connection_before"]
)
def test_a_read_is_repeated_with_growing_pauses(
    charges: OmiseCharges, sandbox: Gateway, sleeps: Sleeps, fault: str
) -> None:
    """Until it is answered."""
    charge = charges.create(order())
    sandbox.fault(fault, "retrieve_charge", times=READ_ATTEMPTS - 1)
    assert charges.get(charge.id) == charge
    assert sleeps == [0.4, 0.8]


def test_a_read_is_not_repeated_for_ever(
    charges: OmiseCharges, sandbox: Gateway, sleeps: Sleeps
) -> None:
    """Attempts are bounded."""
    charge = charges.create(order())
    sandbox.fault("error_before", "retrieve_charge", times=READ_ATTEMPTS)
    with pytest.raises(OmiseUnavailableError):
        charges.get(charge.id)
    assert len(sleeps) == READ_ATTEMPTS - 1


def test_an_unknown_charge_is_not_found(charges: OmiseCharges) -> None:
    """A definite answer, not repeated."""
    with pytest.raises(OmiseRefusalError) as refused:
        charges.get("chrg_test_5unknown")
    assert refused.value.is_not_found


@pytest.mark.parametrize("charge_id", ["", "../account", "chrg_test_1/refunds", "chrg_test_1?x"])
def test_an_id_of_another_form_never_becomes_a_path(charges: OmiseCharges, charge_id: str) -> None:
    """It is refused before anything is sent."""
    with pytest.raises(ValueError, match="id"):
        charges.get(charge_id)


def test_find_turns_the_pages(
    charges: OmiseCharges, sandbox: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The purchase's charge is among many others."""
    monkeypatch.setattr(omise_charges, "PAGE_SIZE", 2)
    for _ in range(3):
        sandbox.promptpay_charge()
    charge = charges.create(order())
    assert found(charges) == [charge]


def test_too_many_charges_make_nothing_certain(
    charges: OmiseCharges, sandbox: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not to have found it among the first is no proof that it does not exist."""
    monkeypatch.setattr(omise_charges, "PAGE_SIZE", 1)
    monkeypatch.setattr(omise_charges, "MAX_PAGES", 2)
    for _ in range(3):
        sandbox.promptpay_charge()
    with pytest.raises(OmiseUnavailableError):
        found(charges)


def test_what_was_found_among_too_many_is_certain(
    charges: OmiseCharges, sandbox: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking may stop there."""
    monkeypatch.setattr(omise_charges, "PAGE_SIZE", 1)
    monkeypatch.setattr(omise_charges, "MAX_PAGES", 1)
    charge = charges.create(order())
    sandbox.promptpay_charge()
    assert found(charges) == [charge]


def test_an_expired_charge_can_no_longer_be_paid(charges: OmiseCharges) -> None:
    """And cannot be expired again."""
    charge = charges.create(order())
    charges.expire(charge.id)
    assert charges.get(charge.id).status is ChargeStatus.EXPIRED
    with pytest.raises(OmiseRefusalError):
        charges.expire(charge.id)


def test_a_full_refund_happens_once(charges: OmiseCharges, sandbox: Gateway) -> None:
    """Omise gives back no more than was paid."""
    charge = charges.create(order(Card(sandbox.token(), "https://example.com/back")))
    charges.refund(charge.id, charge.amount, PURCHASE)
    assert charges.get(charge.id).is_returned
    with pytest.raises(OmiseRefusalError):
        charges.refund(charge.id, charge.amount, PURCHASE)


def test_promptpay_is_not_refunded(charges: OmiseCharges, sandbox: Gateway) -> None:
    """Omise has no way to."""
    charge = charges.create(order())
    sandbox.post(f"/charges/{charge.id}/mark_as_paid")
    with pytest.raises(OmiseRefusalError):
        charges.refund(charge.id, charge.amount, PURCHASE)


def test_a_wrong_key_is_no_verdict_about_a_charge(sandbox: Gateway, sleeps: Sleeps) -> None:
    """It may have been rotated a moment ago; the next look reads the secret again."""
    wrong = replace(OmiseSecrets(sandbox.url + "/", SECRET_KEY, ()), secret_key="skey_test_other")
    with pytest.raises(OmiseUnavailableError) as raised:
        OmiseCharges(lambda: wrong, sleeps).get("chrg_test_1")
    assert not raised.value.may_have_happened


@pytest.mark.parametrize(
    "difference",
    [
        {"object": "customer"},
        {"id": "cust_test_1"},
        {"amount": "44900"},
        {"amount": True},
        {"amount": 449.0},
        {"paid": "true"},
        {"livemode": None},
        {"status": "teapot"},
        {"created_at": "yesterday"},
        {"currency": 5},
    ],
)
def test_what_is_not_as_documented_is_no_charge(
    sandbox: Gateway, difference: dict[str, Any]
) -> None:
    """Money is not guessed."""
    real = sandbox.promptpay_charge()
    assert charge_of(real).amount == 30_000
    with pytest.raises(OmiseUnavailableError):
        charge_of({**real, **difference})


@pytest.mark.parametrize("answer", [{}, {"object": "list"}, {"object": "list", "data": {}}])
def test_what_is_no_list_is_no_list(answer: dict[str, Any]) -> None:
    """An empty answer must not pass for "there is none"."""
    with pytest.raises(OmiseUnavailableError):
        charges_of(answer)


def listing(monkeypatch: pytest.MonkeyPatch, charges: OmiseCharges, *rows: object) -> None:
    """Let Omise list these rows beside whatever there is."""
    read = charges._read

    def with_more(path: str) -> dict[str, Any]:
        answer = dict(read(path))
        return {**answer, "data": [*rows, *answer["data"]]}

    monkeypatch.setattr(charges, "_read", with_more)


@pytest.mark.parametrize(
    "row",
    [
        {"source": "src_test_abc"},
        {"dispute": {"object": "dispute", "id": "dspt_test_1", "status": "reversed"}},
        {"status": "teapot"},
        {"refunded_amount": None},
        {"amount": 9900.0},
        {"metadata": []},
        "chrg_test_1",
        None,
    ],
    ids=str,
)
def test_a_charge_of_somebody_else_hides_none_of_ours(
    charges: OmiseCharges, sandbox: Gateway, monkeypatch: pytest.MonkeyPatch, row: object
) -> None:
    """Whatever it looks like, it stands in nobody's way."""
    other = {**sandbox.promptpay_charge(), **row} if isinstance(row, dict) else row
    mine = charges.create(order())
    listing(monkeypatch, charges, other)
    assert found(charges) == [mine]


def test_an_unreadable_charge_of_the_purchase_makes_nothing_certain(
    charges: OmiseCharges, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Absent it is not; whether it is paid nobody can tell."""
    row = {"id": "chrg_test_1", "metadata": {"purchase_id": PURCHASE}}
    listing(monkeypatch, charges, row)
    with pytest.raises(UnreadableChargeError) as error:
        found(charges)
    assert (error.value.charge_id, error.value.purchase_id) == ("chrg_test_1", PURCHASE)


def paid_by_card(charges: OmiseCharges, sandbox: Gateway) -> Charge:
    """Charge a card."""
    return charges.create(order(Card(sandbox.token(), "https://example.com/back")))


def test_a_charge_tells_what_was_refunded_and_for_which_request(
    charges: OmiseCharges, sandbox: Gateway
) -> None:
    """One of ours, and one of somebody at Omise's dashboard."""
    charge = paid_by_card(charges, sandbox)
    charges.refund(charge.id, 100, PURCHASE, "request-1")
    sandbox.post(f"/charges/{charge.id}/refunds", {"amount": 200})
    refunded = charges.get(charge.id)
    assert refunded.refunded_amount == 300
    assert refunded.refund_requests == charges.refund_requests(charge.id) == {"request-1"}


@pytest.mark.parametrize("is_expanded", [True, False])
def test_a_charge_tells_how_its_dispute_stands(
    charges: OmiseCharges,
    sandbox: Gateway,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_expanded: bool,
) -> None:
    """Whether Omise puts the dispute into the charge or only its id."""
    charge = paid_by_card(charges, sandbox)
    dispute = sandbox.post(f"/charges/{charge.id}/disputes")
    send = charges._send

    def with_the_id_alone(method: str, path: str, payload: Any = None) -> Any:  # noqa: ANN401
        answer = dict(send(method, path, payload))
        return answer | {"dispute": dispute["id"]} if answer["object"] == "charge" else answer

    if not is_expanded:
        monkeypatch.setattr(charges, "_send", with_the_id_alone)
    assert charge.dispute is None
    disputed = charges.get(charge.id).dispute
    assert disputed is not None
    assert (disputed.id, disputed.status) == (dispute["id"], DisputeStatus.OPEN)


def test_events_name_the_charges_whose_money_went_back(
    charges: OmiseCharges, sandbox: Gateway
) -> None:
    """Once each, however many events there are about one; the others name none."""
    charge = paid_by_card(charges, sandbox)
    paid_by_card(charges, sandbox)
    charges.refund(charge.id, 100, PURCHASE)
    sandbox.post(f"/charges/{charge.id}/disputes")
    now = datetime.now(UTC)
    assert charges.returned_page(now - WINDOW, now + WINDOW, 0) == EventPage(4, (charge.id,))
    assert charges.returned_page(now - WINDOW, now + WINDOW, 100) == EventPage(0, ())


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"object": "list"},
        {"object": "list", "data": [{"key": "refund.create", "data": {"charge": "cust_1"}}]},
    ],
)
def test_what_is_no_list_of_events_is_no_answer(answer: dict[str, Any]) -> None:
    """Nothing is concluded from it."""
    with pytest.raises(OmiseUnavailableError):
        events_of(answer)


@pytest.mark.parametrize(
    "dispute", [{"object": "dispute", "id": "dspt_test_1", "status": "forgotten"}, {"id": "x"}]
)
def test_a_dispute_of_another_form_is_no_answer(
    charges: OmiseCharges, sandbox: Gateway, dispute: dict[str, Any]
) -> None:
    """A state that nobody knows must not decide about credits."""
    charge = paid_by_card(charges, sandbox)
    document = {**sandbox.get(f"/charges/{charge.id}"), "dispute": dispute}
    with pytest.raises(OmiseUnavailableError):
        charge_of(document)
