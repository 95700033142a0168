"""Sending events to webhook endpoints in the background, in order per charge and endpoint.

Omise guarantees neither redelivery nor order (https://docs.omise.co/api-webhooks). The faults make
use of that freedom; without one, every event is sent exactly once, after the one before it.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress

from local.omise_sandbox.faults import FaultQueue, WebhookFault
from local.omise_sandbox.records import Event
from local.omise_sandbox.webhook_client import Answer, WebhookClient

_Delivery = asyncio.Task[None]


class WebhookSender:
    """Decides when, and how often, an event is delivered.

    Parameters
    ----------
    client
        Delivers it.
    faults
        What goes wrong on the way.
    """

    def __init__(self, client: WebhookClient, faults: FaultQueue[WebhookFault]) -> None:
        self._client = client
        self._faults = faults
        self._under_way: set[_Delivery] = set()
        self._latest: dict[str, _Delivery] = {}
        self._held_back: dict[str, list[asyncio.Event]] = {}

    async def abandon(self) -> None:
        """Give up what is under way."""
        deliveries = tuple(self._under_way)
        for delivery in deliveries:
            delivery.cancel()
        await asyncio.gather(*deliveries, return_exceptions=True)

    def publish(self, event: Event) -> None:
        """Send an event to its endpoints in the background.

        A waiting fault is taken here, not when the event's turn comes, so that faults meet events
        in the order in which these happened.
        """
        for endpoint in event.endpoints:
            fault = self._faults.take(event.key)
            if fault is not None and fault.fault in {"late", "reorder"}:
                self._start(self._send_later(event, endpoint, fault))
            else:
                self._send_in_order(event, endpoint, fault)

    async def redeliver(self, event: Event, times: int) -> None:
        """Send an event again, several times, in parallel, without faults."""
        await asyncio.gather(
            *(
                self._client.deliver(event, endpoint, "redelivery")
                for endpoint in event.endpoints
                for _ in range(times)
            )
        )

    def _send_in_order(self, event: Event, endpoint: str, fault: WebhookFault | None) -> None:
        line = f"{event.charge_id} {endpoint}"
        overtaken = self._held_back.pop(event.charge_id, [])
        before = self._latest.get(line)
        delivery = self._start(self._send_next(event, endpoint, fault, before, overtaken))
        self._latest[line] = delivery
        delivery.add_done_callback(lambda done: self._leave(line, done))

    async def _send_next(
        self,
        event: Event,
        endpoint: str,
        fault: WebhookFault | None,
        before: _Delivery | None,
        overtaken: Sequence[asyncio.Event],
    ) -> None:
        if before is not None:
            await asyncio.wait([before])
        await self._send(event, endpoint, fault.fault if fault else None)
        for release in overtaken:
            release.set()

    async def _send(self, event: Event, endpoint: str, fault: str | None) -> None:
        if fault == "drop":
            self._client.write_down(event, endpoint, fault, Answer("dropped"))
            return
        await self._client.deliver(event, endpoint, fault)
        if fault == "double":
            await self._client.deliver(event, endpoint, fault)

    async def _send_later(self, event: Event, endpoint: str, fault: WebhookFault) -> None:
        release = asyncio.Event()
        if fault.fault == "reorder":
            self._held_back.setdefault(event.charge_id, []).append(release)
        with suppress(TimeoutError):  # nothing overtook it, or it was just to be late
            await asyncio.wait_for(release.wait(), fault.delay_ms / 1000)
        await self._client.deliver(event, endpoint, fault.fault)

    def _start(self, work: Coroutine[None, None, None]) -> _Delivery:
        delivery = asyncio.get_running_loop().create_task(work)
        self._under_way.add(delivery)
        delivery.add_done_callback(self._under_way.discard)
        return delivery

    def _leave(self, line: str, delivery: _Delivery) -> None:
        if self._latest.get(line) is delivery:
            del self._latest[line]
