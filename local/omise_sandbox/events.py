"""The account's events: each is kept, and handed over to be sent to the webhook endpoints."""

from collections.abc import Callable
from typing import Literal

from local.omise_sandbox.archive import Archive
from local.omise_sandbox.charge import Charge
from local.omise_sandbox.clock import Clock
from local.omise_sandbox.documents import Document
from local.omise_sandbox.identifiers import new_id
from local.omise_sandbox.records import Event

EventKey = Literal[
    "charge.create",
    "charge.update",
    "charge.capture",
    "charge.complete",
    "charge.expire",
    "charge.reverse",
    "refund.create",
    "dispute.create",
    "dispute.update",
    "dispute.accept",
    "dispute.close",
]


class EventLog:
    """Records events.

    Parameters
    ----------
    archive
        Where they are kept.
    clock
        Says when they happened.
    publish
        Sends an event; it must return at once.
    webhook_url
        The account's endpoint, or empty for none; a charge's own endpoints replace it.
    """

    def __init__(
        self,
        archive: Archive,
        clock: Clock,
        publish: Callable[[Event], None],
        webhook_url: str,
    ) -> None:
        self._archive = archive
        self._clock = clock
        self._publish = publish
        self.webhook_url = webhook_url

    def record(self, key: EventKey, charge: Charge, data: Document) -> None:
        """Keep and publish an event.

        Parameters
        ----------
        key
            What happened.
        charge
            The charge that it is about; its endpoints get the event.
        data
            The object that it happened to, as it is now.
        """
        account = (self.webhook_url,) if self.webhook_url else ()
        event = Event(
            id=new_id("evnt"),
            created_at=self._clock.now(),
            key=key,
            data=data,
            charge_id=charge.id,
            endpoints=charge.webhook_endpoints or account,
        )
        self._archive.events.put(event)
        self._publish(event)
