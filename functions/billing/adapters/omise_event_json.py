"""Omise's list of events, read for what it says about money that went back.

An event is a hint here as it is in a webhook: only the charge's id is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from billing.adapters.omise_errors import OmiseUnavailableError
from billing.domain.webhook_event import RETURN_EVENTS, charge_id_of
from billing.domain.webhook_signature import WebhookRejectedError


@dataclass(frozen=True, slots=True)
class EventPage:
    """A page of events: how many there are on it, and which charges had money returned."""

    event_count: int
    charge_ids: tuple[str, ...]


def events_of(answer: Mapping[str, Any]) -> EventPage:
    """Read one page of a list of events.

    Raises
    ------
    OmiseUnavailableError
        If it is none.
    """
    rows = answer.get("data")
    if answer.get("object") != "list" or not isinstance(rows, list):
        raise OmiseUnavailableError("not a list")
    about_returns = [
        row for row in rows if isinstance(row, dict) and row.get("key") in RETURN_EVENTS
    ]
    try:
        found = [charge_id_of(row) for row in about_returns]
    except WebhookRejectedError as error:
        raise OmiseUnavailableError("not an event") from error
    return EventPage(len(rows), tuple(dict.fromkeys(name for name in found if name)))
