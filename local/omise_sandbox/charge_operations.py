"""The operations on charges and their refunds."""

from dataclasses import replace

from local.omise_sandbox import charge as lifecycle
from local.omise_sandbox.call import Answer, Call
from local.omise_sandbox.charge import Charge
from local.omise_sandbox.documents import event_document, refund_document
from local.omise_sandbox.errors import not_found
from local.omise_sandbox.listing import list_document
from local.omise_sandbox.payload import integer, mapping, text


def create(call: Call) -> Answer:
    """Create a charge."""
    return _document(call, call.sandbox.charges.create(call.parameters))


def retrieve(call: Call) -> Answer:
    """Retrieve a charge."""
    return _document(call, call.sandbox.charges.retrieve(call.ids["charge"]))


def list_all(call: Call) -> Answer:
    """List charges."""
    window = call.window()
    found, total = call.sandbox.charges.select(window)
    return list_document([_document(call, it) for it in found], total, window, call.path)


def update(call: Call) -> Answer:
    """Change a charge's description and metadata; the metadata is replaced as a whole."""

    def change(charge: Charge) -> Charge:
        metadata = mapping(call.parameters, "metadata")
        return replace(
            charge,
            description=text(call.parameters, "description") or charge.description,
            metadata=metadata if "metadata" in call.parameters else charge.metadata,
        )

    return _document(call, call.sandbox.charges.change(call.ids["charge"], "charge.update", change))


def capture(call: Call) -> Answer:
    """Capture a held charge, in whole or in part."""
    amount = integer(call.parameters, "capture_amount", "failed_capture")
    now = call.sandbox.clock.now()
    charge = call.sandbox.charges.change(
        call.ids["charge"], "charge.capture", lambda it: lifecycle.capture(it, amount, now)
    )
    return _document(call, charge)


def expire(call: Call) -> Answer:
    """Expire a pending charge."""
    now = call.sandbox.clock.now()
    charge = call.sandbox.charges.change(
        call.ids["charge"], "charge.expire", lambda it: lifecycle.expire(it, now)
    )
    return _document(call, charge)


def reverse(call: Call) -> Answer:
    """Reverse a held charge."""
    now = call.sandbox.clock.now()
    charge = call.sandbox.charges.change(
        call.ids["charge"], "charge.reverse", lambda it: lifecycle.reverse(it, now)
    )
    return _document(call, charge)


def mark_as_paid(call: Call) -> Answer:
    """Pay a pending charge; test mode only."""
    return _document(call, call.sandbox.charges.pay(call.ids["charge"]))


def mark_as_failed(call: Call) -> Answer:
    """Let a pending charge fail; test mode only."""
    failure_code = text(call.parameters, "failure_code") or "failed_processing"
    return _document(call, call.sandbox.charges.fail(call.ids["charge"], failure_code))


def list_events(call: Call) -> Answer:
    """List a charge's events."""
    charge = call.sandbox.charges.retrieve(call.ids["charge"])
    window = call.window()
    events, total = call.sandbox.archive.events.select(window, charge_id=charge.id)
    return list_document([event_document(event) for event in events], total, window, call.path)


def create_refund(call: Call) -> Answer:
    """Refund a charge."""
    return refund_document(call.sandbox.refunds.create(call.ids["charge"], call.parameters))


def list_refunds(call: Call) -> Answer:
    """List a charge's refunds."""
    charge = call.sandbox.charges.retrieve(call.ids["charge"])
    window = call.window()
    refunds, total = call.sandbox.archive.refunds.select(window, charge_id=charge.id)
    return list_document([refund_document(refund) for refund in refunds], total, window, call.path)


def retrieve_refund(call: Call) -> Answer:
    """Retrieve one of a charge's refunds."""
    refund = call.sandbox.archive.refunds.get(call.ids["refund"])
    if refund.charge_id != call.ids["charge"]:
        raise not_found("refund", refund.id)
    return refund_document(refund)


def _document(call: Call, charge: Charge) -> Answer:
    return call.sandbox.documents.charge(charge)
