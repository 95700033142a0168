"""One attempt to deliver an event: sign, send, write down what came back."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import aiohttp

from local.omise_sandbox.archive import Archive
from local.omise_sandbox.clock import Clock
from local.omise_sandbox.documents import event_document
from local.omise_sandbox.identifiers import new_id
from local.omise_sandbox.records import Delivery, DeliveryOutcome, Event
from local.omise_sandbox.signature import sign

_TIMEOUT_SECONDS: Final = 10
_MOST_PARALLEL: Final = 8
_KEPT_RESPONSE_BYTES: Final = 2048
_SUCCESS: Final = range(200, 300)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint made of an event.

    Attributes
    ----------
    outcome
        In one word.
    status
        The HTTP status, if there was an answer.
    body
        Its first bytes.
    error
        What kept it from coming.
    """

    outcome: DeliveryOutcome
    status: int | None = None
    body: str | None = None
    error: str | None = None


class WebhookClient:
    """Posts events and keeps the log of it.

    Parameters
    ----------
    archive
        Where attempts are written down.
    clock
        Says when they were made.
    secrets
        Returns the webhook secrets in force, newest first; none leaves webhooks unsigned.
    """

    def __init__(
        self, archive: Archive, clock: Clock, secrets: Callable[[], tuple[str, ...]]
    ) -> None:
        self._archive = archive
        self._clock = clock
        self._secrets = secrets

    async def open(self) -> None:
        """Open the connection pool."""
        self._parallel = asyncio.Semaphore(_MOST_PARALLEL)
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "Omise-Sandbox"},
        )

    async def close(self) -> None:
        """Close the connection pool."""
        await self._session.close()

    async def deliver(self, event: Event, endpoint: str, fault: str | None) -> None:
        """Send an event once; ``bad_signature`` signs another body than the one that is sent."""
        body = json.dumps(event_document(event), ensure_ascii=False, indent=2).encode()
        async with self._parallel:
            headers = self._headers(body + b" " if fault == "bad_signature" else body)
            answer = await self._post(endpoint, body, headers)
        self.write_down(event, endpoint, fault, answer)

    def write_down(self, event: Event, endpoint: str, fault: str | None, answer: Answer) -> None:
        """Add an attempt to the log."""
        self._archive.deliveries.put(
            Delivery(
                id=new_id("whdl"),
                created_at=self._clock.now(),
                event_id=event.id,
                event_key=event.key,
                charge_id=event.charge_id,
                endpoint=endpoint,
                outcome=answer.outcome,
                fault=fault,
                status=answer.status,
                response_body=answer.body,
                error=answer.error,
            )
        )

    def _headers(self, signed: bytes) -> dict[str, str]:
        headers = {"Content-Type": "application/json"}
        secrets = self._secrets()
        if secrets:
            # The receiver compares this with its own clock, which the control API does not move.
            timestamp = str(int(time.time()))
            headers["Omise-Signature"] = sign(secrets, timestamp, signed)
            headers["Omise-Signature-Timestamp"] = timestamp
        return headers

    async def _post(self, endpoint: str, body: bytes, headers: dict[str, str]) -> Answer:
        try:
            async with self._session.post(
                endpoint, data=body, headers=headers, allow_redirects=False
            ) as response:
                text = (await response.content.read(_KEPT_RESPONSE_BYTES)).decode(errors="replace")
                outcome: DeliveryOutcome = "delivered" if response.status in _SUCCESS else "refused"
                return Answer(outcome, response.status, text)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            return Answer("unreachable", error=type(error).__name__)
