"""Refunds and disputes of paid card charges."""

import pytest

from tests.unit.omise_sandbox.running import Gateway


def test_refunds_add_up_to_the_charge_and_no_further(gateway: Gateway) -> None:
    """Given refunds, then they are listed, add up, and stop at what was charged."""
    charge = gateway.card_charge()
    path = f"/charges/{charge['id']}/refunds"

    refund = gateway.post(path, {"amount": 10_000, "metadata": {"reason": "test"}})
    assert gateway.refusal("POST", path, {"amount": 20_001}) == (400, "failed_refund")
    gateway.post(path, {"amount": 20_000})

    assert (refund["amount"], refund["charge"]) == (10_000, charge["id"])
    assert refund["metadata"] == {"reason": "test"}
    after = gateway.get(f"/charges/{charge['id']}")
    assert (after["refunded_amount"], after["refundable"]) == (30_000, False)
    assert after["status"] == "successful"
    assert gateway.get(path)["total"] == 2
    assert gateway.get(f"{path}/{refund['id']}") == refund
    assert gateway.refusal("POST", path, {"amount": 1}) == (400, "failed_refund")


@pytest.mark.parametrize("amount", [0, -1, "ten", None, 1.5])
def test_a_refund_needs_an_amount(gateway: Gateway, amount: object) -> None:
    """Given no positive whole amount, then nothing is refunded."""
    charge = gateway.card_charge()

    path = f"/charges/{charge['id']}/refunds"
    assert gateway.refusal("POST", path, {"amount": amount}) == (400, "failed_refund")
    assert gateway.get(path)["total"] == 0


def test_an_unpaid_charge_is_not_refundable(gateway: Gateway) -> None:
    """Given a charge that was only held, then there is nothing to refund."""
    charge = gateway.card_charge(capture=False)

    path = f"/charges/{charge['id']}/refunds"
    assert gateway.refusal("POST", path, {"amount": 2_000}) == (400, "failed_refund")


def test_a_refund_belongs_to_its_charge(gateway: Gateway) -> None:
    """Given another charge's path, then the refund is not found there."""
    charge, other = gateway.card_charge(), gateway.card_charge()
    refund = gateway.post(f"/charges/{charge['id']}/refunds", {"amount": 2_000})

    path = f"/charges/{other['id']}/refunds/{refund['id']}"
    assert gateway.refusal("GET", path) == (404, "not_found")


@pytest.mark.parametrize(("verdict", "refundable"), [("won", True), ("lost", False)])
def test_a_dispute_is_opened_and_decided(
    gateway: Gateway, verdict: str, *, refundable: bool
) -> None:
    """Given a dispute, then the charge shows it; only a won one frees the charge for refunds."""
    charge = gateway.card_charge()

    dispute = gateway.control("disputes", {"charge": charge["id"]}).json()
    during = gateway.get(f"/charges/{charge['id']}")
    closed = gateway.control(f"disputes/{dispute['id']}/close", {"status": verdict}).json()

    assert (dispute["status"], dispute["amount"]) == ("open", 30_000)
    assert dispute["charge"] == charge["id"]
    assert (during["refundable"], during["dispute"]) == (False, dispute)
    assert closed["status"] == verdict
    assert closed["closed_at"] is not None
    assert gateway.get(f"/charges/{charge['id']}")["refundable"] is refundable
    assert gateway.get("/disputes/closed")["total"] == 1
    assert gateway.get("/disputes/open")["total"] == 0


def test_a_merchant_answers_a_dispute(gateway: Gateway) -> None:
    """Given the merchant's explanation, then the dispute waits for the bank."""
    charge = gateway.card_charge()
    dispute = gateway.post(f"/charges/{charge['id']}/disputes")

    path = f"/disputes/{dispute['id']}"
    answered = gateway.call("PATCH", path, {"message": "They used the credits."}).json()

    assert (answered["status"], answered["message"]) == ("pending", "They used the credits.")
    assert gateway.get("/disputes/pending")["total"] == 1
    assert gateway.get("/disputes")["total"] == 1


def test_an_accepted_dispute_is_lost_and_closed(gateway: Gateway) -> None:
    """Given a dispute that the merchant accepts, then it is lost and can't be decided again."""
    charge = gateway.card_charge()
    dispute = gateway.post(f"/charges/{charge['id']}/disputes")

    accepted = gateway.call("PATCH", f"/disputes/{dispute['id']}/accept").json()
    again = gateway.control(f"disputes/{dispute['id']}/close", {"status": "won"})

    assert accepted["status"] == "lost"
    assert (again.status_code, again.json()["code"]) == (400, "bad_request")


def test_a_charge_is_disputed_once_and_only_when_paid(gateway: Gateway) -> None:
    """Given a pending or an already disputed charge, then no dispute is opened."""
    pending, paid = gateway.promptpay_charge(), gateway.card_charge()
    gateway.post(f"/charges/{paid['id']}/disputes")

    for charge in (pending, paid):
        path = f"/charges/{charge['id']}/disputes"
        assert gateway.refusal("POST", path) == (400, "invalid_charge")
