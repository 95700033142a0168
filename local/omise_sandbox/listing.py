"""Lists: which part a client asks for, and Omise's list object around it."""

from collections.abc import Sequence
from typing import Final

from local.omise_sandbox.clock import to_timestamp
from local.omise_sandbox.errors import OmiseError
from local.omise_sandbox.payload import Parameters, integer, moment, text
from local.omise_sandbox.store import Window

_DEFAULT_LIMIT: Final = 20
_LARGEST_LIMIT: Final = 100
_ORDERS: Final = {"chronological": False, "reverse_chronological": True}


def parse_window(parameters: Parameters, now: int) -> Window:
    """Return the part of a list that ``from``, ``to``, ``limit``, ``offset``, ``order`` name.

    Raises
    ------
    OmiseError
        ``invalid_page``: ``limit`` is not 1 to 100 or ``offset`` no number.
        ``invalid_filters``: one of the others is not understood.
    """
    limit = integer(parameters, "limit", "invalid_page")
    limit = _DEFAULT_LIMIT if limit is None else limit
    if not 1 <= limit <= _LARGEST_LIMIT:
        raise OmiseError("invalid_page", f"limit must be between 1 and {_LARGEST_LIMIT}")
    order = text(parameters, "order") or "chronological"
    if order not in _ORDERS:
        raise OmiseError("invalid_filters", "order is invalid")
    until = moment(parameters, "to", "invalid_filters")
    return Window(
        since=moment(parameters, "from", "invalid_filters") or 0,
        until=now if until is None else until,
        limit=limit,
        offset=integer(parameters, "offset", "invalid_page") or 0,
        newest_first=_ORDERS[order],
    )


def list_document(
    documents: Sequence[dict[str, object]], total: int, window: Window, location: str
) -> dict[str, object]:
    """Return Omise's list object.

    Parameters
    ----------
    documents
        The objects in the window.
    total
        How many there are without its limit.
    window
        The part that was asked for.
    location
        The path of the list.
    """
    return {
        "object": "list",
        "data": list(documents),
        "limit": window.limit,
        "offset": window.offset,
        "total": total,
        "location": location,
        "order": "reverse_chronological" if window.newest_first else "chronological",
        "from": to_timestamp(window.since),
        "to": to_timestamp(window.until),
    }
