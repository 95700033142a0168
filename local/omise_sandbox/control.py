"""The control API under ``/__sandbox/``: what a test or a tester does to the sandbox.

On loopback, without a key. The faults: `local.omise_sandbox.faults`.
"""

from dataclasses import asdict
from typing import Final

from aiohttp import web

from local.omise_sandbox.control_commands import (
    FORM,
    AccountSettings,
    ClockAdvance,
    DisputeClosure,
    LogQuery,
    NewDispute,
    Payment,
    Redelivery,
    check_command,
    read_command,
)
from local.omise_sandbox.documents import dispute_document
from local.omise_sandbox.errors import OmiseError
from local.omise_sandbox.faults import ANY, ApiFault, WebhookFault
from local.omise_sandbox.operations import OPERATIONS
from local.omise_sandbox.sandbox import Sandbox
from local.omise_sandbox.store import Window

_FAULTY: Final = {ANY, *(operation.name for operation in OPERATIONS)}


class ControlApi:
    """HTTP handlers of the control API.

    Parameters
    ----------
    sandbox
        What is controlled.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[web.RouteDef]:
        """Return the routes, below ``/__sandbox``."""
        return [
            web.get("/__sandbox/health", self.health),
            web.get("/__sandbox/settings", self.settings),
            web.put("/__sandbox/settings", self.change_settings),
            web.post("/__sandbox/clock", self.advance_clock),
            web.delete("/__sandbox/state", self.wipe),
            web.get("/__sandbox/faults", self.list_faults),
            web.post("/__sandbox/faults", self.add_api_fault),
            web.post("/__sandbox/webhook_faults", self.add_webhook_fault),
            web.delete("/__sandbox/faults", self.clear_faults),
            web.get("/__sandbox/webhooks", self.list_deliveries),
            web.post("/__sandbox/webhooks/redeliver", self.redeliver),
            web.post("/__sandbox/webhook_secret/rotate", self.rotate_webhook_secret),
            web.post("/__sandbox/charges/{charge}/pay", self.pay),
            web.post("/__sandbox/disputes", self.open_dispute),
            web.post("/__sandbox/disputes/{dispute}/close", self.close_dispute),
        ]

    async def health(self, _: web.Request) -> web.Response:
        """Say that the sandbox is up, and what time it thinks it is."""
        return web.json_response({"status": "ok", "now": self._sandbox.clock.now()})

    async def settings(self, _: web.Request) -> web.Response:
        """Show the account's settings."""
        return web.json_response(
            {
                "three_d_secure": self._sandbox.three_d_secure.policy,
                "webhook_url": self._sandbox.events.webhook_url,
                "webhook_secrets": self._sandbox.webhook_secrets.in_force(),
            }
        )

    async def change_settings(self, request: web.Request) -> web.Response:
        """Change the account's settings; the webhook URL until the next start."""
        command = await read_command(request, AccountSettings)
        if command.three_d_secure is not None:
            self._sandbox.three_d_secure.policy = command.three_d_secure
        if command.webhook_url is not None:
            self._sandbox.events.webhook_url = command.webhook_url
        return await self.settings(request)

    async def advance_clock(self, request: web.Request) -> web.Response:
        """Move the clock forward and expire what is then due."""
        command = await read_command(request, ClockAdvance)
        now = self._sandbox.clock.advance(command.advance_seconds)
        self._sandbox.charges.expire_due()
        return web.json_response({"now": now})

    async def wipe(self, _: web.Request) -> web.Response:
        """Forget everything."""
        await self._sandbox.wipe()
        return web.Response(status=204)

    async def list_faults(self, _: web.Request) -> web.Response:
        """Show the faults that have not happened yet."""
        return web.json_response(
            {
                "faults": [it.model_dump() for it in self._sandbox.api_faults.waiting()],
                "webhook_faults": [
                    it.model_dump() for it in self._sandbox.webhook_faults.waiting()
                ],
            }
        )

    async def add_api_fault(self, request: web.Request) -> web.Response:
        """Queue a fault of the API; one of an operation that there is not is refused."""
        fault = await read_command(request, ApiFault)
        if fault.operation not in _FAULTY:
            raise OmiseError("bad_request", f"operation is not one of {', '.join(sorted(_FAULTY))}")
        self._sandbox.api_faults.add(fault)
        return await self.list_faults(request)

    async def add_webhook_fault(self, request: web.Request) -> web.Response:
        """Queue a fault of webhook deliveries."""
        self._sandbox.webhook_faults.add(await read_command(request, WebhookFault))
        return await self.list_faults(request)

    async def clear_faults(self, _: web.Request) -> web.Response:
        """Drop all faults that have not happened yet."""
        self._sandbox.api_faults.clear()
        self._sandbox.webhook_faults.clear()
        return web.Response(status=204)

    async def list_deliveries(self, request: web.Request) -> web.Response:
        """Show the log of webhook deliveries, oldest first."""
        query = check_command(LogQuery, dict(request.query))
        fields = {"event_id": query.event, "charge_id": query.charge}
        deliveries, total = self._sandbox.archive.deliveries.select(
            Window(limit=query.limit, offset=query.offset),
            **{name: value for name, value in fields.items() if value is not None},
        )
        return web.json_response({"data": [asdict(it) for it in deliveries], "total": total})

    async def redeliver(self, request: web.Request) -> web.Response:
        """Send an event again and answer when all of it is done."""
        command = await read_command(request, Redelivery)
        event = self._sandbox.archive.events.get(command.event)
        await self._sandbox.webhooks.redeliver(event, command.times)
        return web.json_response({"event": event.id, "times": command.times})

    async def rotate_webhook_secret(self, _: web.Request) -> web.Response:
        """Make a new webhook secret beside the current one."""
        return web.json_response({"webhook_secrets": self._sandbox.webhook_secrets.rotate()})

    async def pay(self, request: web.Request) -> web.Response:
        """Pay a charge, or let it fail; ``late`` pays one that is over, as a bank may."""
        command = await read_command(request, Payment)
        charge_id = request.match_info["charge"]
        if command.outcome == "fail":
            charge = self._sandbox.charges.fail(charge_id, command.failure_code)
        elif command.late:
            charge = self._sandbox.charges.settle_late(charge_id)
        else:
            charge = self._sandbox.charges.pay(charge_id)
        if request.content_type == FORM:
            raise web.HTTPSeeOther(f"/__sandbox/pay/{charge_id}")
        return web.json_response(self._sandbox.documents.charge(charge))

    async def open_dispute(self, request: web.Request) -> web.Response:
        """Dispute a charge."""
        command = await read_command(request, NewDispute)
        return web.json_response(dispute_document(self._sandbox.disputes.open(command.charge)))

    async def close_dispute(self, request: web.Request) -> web.Response:
        """Decide a dispute."""
        command = await read_command(request, DisputeClosure)
        dispute = self._sandbox.disputes.close(request.match_info["dispute"], command.status)
        return web.json_response(dispute_document(dispute))
