"""What is taken from a webhook's body: the id of a charge, and nothing else.

The body is data of whoever sent it. Status, amount and metadata in it are never looked at; they
are read from the charge that is fetched from Omise by this id.
"""

from __future__ import annotations

from typing import Final

from billing.domain.charge import is_charge_id
from billing.domain.webhook_signature import WebhookRejectedError
from kernel.json_body import MalformedJsonError

# There is no `charge.failed`: a failure is a `charge.complete` whose charge has failed.
CHARGE_EVENTS: Final = frozenset(
    {"charge.create", "charge.complete", "charge.expire", "charge.reverse"}
)
# Their data is a refund or a dispute, which names its charge.
RETURN_EVENTS: Final = frozenset(
    {"refund.create", "dispute.create", "dispute.update", "dispute.accept", "dispute.close"}
)


def charge_id_of(event: object) -> str | None:
    """Read the charge that an event is about.

    Parameters
    ----------
    event
        The parsed body.

    Returns
    -------
    str | None
        The charge's id; None for an event that means nothing to this system.

    Raises
    ------
    MalformedJsonError
        If the body is no JSON object.
    WebhookRejectedError
        If the event is about a charge, but what it names is no charge's id.
    """
    if not isinstance(event, dict):
        raise MalformedJsonError("An event is a JSON object.")
    key = event.get("key")
    if not isinstance(key, str) or key not in CHARGE_EVENTS | RETURN_EVENTS:
        return None
    data = event.get("data")
    charge = data if key in CHARGE_EVENTS else _member(data, "charge")
    # A refund or dispute names its charge by the id alone, or has all of it inside.
    charge_id = charge if isinstance(charge, str) else _member(charge, "id")
    if isinstance(charge_id, str) and is_charge_id(charge_id):
        return charge_id
    raise WebhookRejectedError("charge_id_malformed")


def _member(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else None
