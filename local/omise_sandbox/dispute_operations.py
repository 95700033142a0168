"""The operations on disputes. Omise, too, lets a merchant open one in test mode."""

from typing import Final

from local.omise_sandbox.call import Answer, Call
from local.omise_sandbox.documents import dispute_document
from local.omise_sandbox.listing import list_document
from local.omise_sandbox.payload import mapping, text
from local.omise_sandbox.store import Window

_LARGEST: Final = 100


def create(call: Call) -> Answer:
    """Open a dispute; test mode only."""
    return dispute_document(call.sandbox.disputes.open(call.ids["charge"]))


def retrieve(call: Call) -> Answer:
    """Retrieve a dispute."""
    return dispute_document(call.sandbox.archive.disputes.get(call.ids["dispute"]))


def update(call: Call) -> Answer:
    """Explain the merchant's side."""
    dispute = call.sandbox.disputes.answer(
        call.ids["dispute"],
        text(call.parameters, "message"),
        mapping(call.parameters, "metadata"),
    )
    return dispute_document(dispute)


def accept(call: Call) -> Answer:
    """Accept a dispute."""
    return dispute_document(call.sandbox.disputes.accept(call.ids["dispute"]))


def list_all(call: Call) -> Answer:
    """List disputes."""
    window = call.window()
    found, total = call.sandbox.archive.disputes.select(window)
    return list_document([dispute_document(it) for it in found], total, window, call.path)


def list_open(call: Call) -> Answer:
    """List the disputes that wait for the merchant."""
    return _list_by_status(call, "open")


def list_pending(call: Call) -> Answer:
    """List the disputes that wait for the bank."""
    return _list_by_status(call, "pending")


def list_closed(call: Call) -> Answer:
    """List the disputes that are decided."""
    return _list_by_status(call, "won", "lost")


def _list_by_status(call: Call, *statuses: str) -> Answer:
    window = call.window()
    whole = Window(since=window.since, until=window.until, limit=_LARGEST)
    found = [
        dispute
        for status in statuses
        for dispute in call.sandbox.archive.disputes.select(whole, status=status)[0]
    ]
    found.sort(key=lambda dispute: dispute.created_at, reverse=window.newest_first)
    part = found[window.offset : window.offset + window.limit]
    return list_document([dispute_document(it) for it in part], len(found), window, call.path)
