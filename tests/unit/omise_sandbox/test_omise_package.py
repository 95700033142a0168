"""The contract: what Omise's own Python package sends, and makes of the answers."""

import omise
import pytest
from omise import errors

from tests.unit.omise_sandbox.running import PUBLIC_KEY, SECRET_KEY, Gateway

TERMS = {"amount": 30_000, "currency": "thb"}
CARD = {
    "name": "Somchai Prasert",
    "number": "4242" * 4,
    "expiration_month": 12,
    "expiration_year": 2099,
    "security_code": "123",
}


@pytest.fixture(autouse=True)
def _package_points_at_the_sandbox(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "api_main": gateway.url,
        "api_vault": gateway.url,
        "api_secret": SECRET_KEY,
        "api_public": PUBLIC_KEY,
        "api_version": "2019-05-29",
    }.items():
        monkeypatch.setattr(omise, name, value)


def test_promptpay_from_charge_to_payment(gateway: Gateway) -> None:
    """Given an inline source, then the package creates, reloads and lists the charge."""
    charge = omise.Charge.create(
        **TERMS, source={"type": "promptpay"}, metadata={"purchase": "pur_1"}
    )
    assert charge.status == "pending"
    assert charge.source.scannable_code.image.download_uri.startswith(gateway.url)

    gateway.post(f"/charges/{charge.id}/mark_as_paid")
    charge.reload()

    assert (charge.status, charge.paid) == ("successful", True)
    assert [it.id for it in omise.Charge.list()] == [charge.id]
    assert omise.Charge.retrieve(charge.id).metadata.purchase == "pur_1"


def test_a_source_then_a_charge_of_it() -> None:
    """Given a source made first, then the charge takes its id."""
    source = omise.Source.create(type="promptpay", **TERMS)

    charge = omise.Charge.create(**TERMS, source=source.id)

    assert charge.source.id == source.id


def test_card_token_charge_and_refund() -> None:
    """Given a token, then it is charged once, and refunded no further than charged."""
    token = omise.Token.create(**CARD)
    charge = omise.Charge.create(**TERMS, card=token.id)

    refund = charge.refund(amount=10_000)

    assert (charge.paid, charge.refunded_amount, refund.amount) == (True, 10_000, 10_000)
    assert len(charge.list_refunds()) == 1
    with pytest.raises(errors.UsedTokenError, match="token was already used"):
        omise.Charge.create(**TERMS, card=token.id)
    with pytest.raises(errors.FailedRefundError):
        charge.refund(amount=20_001)


def test_hold_capture_reverse_expire_update() -> None:
    """Given the package's other calls on a charge, then each does what it says."""
    captured = omise.Charge.create(**TERMS, card=omise.Token.create(**CARD).id, capture=False)
    reversed_charge = omise.Charge.create(
        **TERMS, card=omise.Token.create(**CARD).id, capture=False
    )
    expired = omise.Charge.create(**TERMS, source={"type": "promptpay"})

    assert captured.capture().paid is True
    assert reversed_charge.reverse().status == "reversed"
    assert expired.expire().status == "expired"
    assert expired.update(description="over").description == "over"


def test_lists_of_more_than_a_page() -> None:
    """Given more charges than a page has, then the package's iteration finds each once."""
    made = [omise.Charge.create(**TERMS, source={"type": "promptpay"}).id for _ in range(25)]

    listing = omise.Charge.list()

    assert [charge.id for charge in listing] == made
    newest = listing.offset(limit=2, order="reverse_chronological")
    assert [charge.id for charge in newest] == [made[-1], made[-2]]


def test_errors_become_the_packages_exceptions(gateway: Gateway) -> None:
    """Given refusals, then the package raises the class that belongs to the code."""
    with pytest.raises(errors.NotFoundError):
        omise.Charge.retrieve("chrg_test_unknown")
    with pytest.raises(errors.InvalidChargeError):
        omise.Charge.create(amount=1, currency="thb", source={"type": "promptpay"})
    with pytest.raises(errors.InvalidCardError):
        omise.Token.create(**CARD | {"number": "1"})
    gateway.fault("error_before")
    with pytest.raises(errors.BaseError, match="service unavailable"):
        omise.Charge.retrieve("chrg_test_unknown")
    omise.api_secret = "skey_test_other"
    with pytest.raises(errors.AuthenticationFailureError):
        omise.Account.retrieve()


def test_account_capability_events_and_disputes(gateway: Gateway) -> None:
    """Given the rest of what the package can read here, then it reads it."""
    charge = omise.Charge.create(**TERMS, card=omise.Token.create(**CARD).id)
    dispute = gateway.post(f"/charges/{charge.id}/disputes")

    assert omise.Account.retrieve().country == "TH"
    assert omise.Capability.retrieve().limits.charge_amount.max == 15_000_000
    assert [event.key for event in omise.Event.list()] == ["charge.create", "dispute.create"]
    assert [event.key for event in charge.list_events()] == ["charge.create", "dispute.create"]
    assert omise.Dispute.retrieve(dispute["id"]).status == "open"
    assert [it.id for it in omise.Dispute.list_open_disputes()] == [dispute["id"]]
