"""The sandbox put together: one account, its objects, its webhooks and its faults."""

from dataclasses import dataclass
from pathlib import Path

from local.omise_sandbox.archive import Archive
from local.omise_sandbox.charge_documents import ChargeDocuments
from local.omise_sandbox.charge_maker import ChargeMaker
from local.omise_sandbox.charges import ChargeDesk
from local.omise_sandbox.clock import Clock
from local.omise_sandbox.disputes import DisputeDesk
from local.omise_sandbox.events import EventLog
from local.omise_sandbox.faults import ApiFault, FaultQueue, WebhookFault
from local.omise_sandbox.keys import AccountKeys
from local.omise_sandbox.refunds import RefundDesk
from local.omise_sandbox.sources import SourceDesk
from local.omise_sandbox.store import Store
from local.omise_sandbox.three_d_secure import ThreeDSecure
from local.omise_sandbox.tokens import Vault
from local.omise_sandbox.webhook_client import WebhookClient
from local.omise_sandbox.webhook_secrets import WebhookSecrets
from local.omise_sandbox.webhooks import WebhookSender


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a sandbox is started with.

    Attributes
    ----------
    keys
        The account's keys.
    state
        The SQLite file, or ``:memory:``.
    webhook_url
        The account's webhook endpoint; empty for none.
    public_url
        Where a browser reaches the sandbox, without a slash at the end.
    """

    keys: AccountKeys
    state: Path | str
    webhook_url: str
    public_url: str


class Sandbox:
    """The one place that wires the parts.

    Parameters
    ----------
    settings
        What it is started with.
    """

    def __init__(self, settings: Settings) -> None:
        self.keys = settings.keys
        self.store = Store(settings.state)
        self.archive = Archive(self.store)
        self.clock = Clock(self.store)
        self.api_faults: FaultQueue[ApiFault] = FaultQueue()
        self.webhook_faults: FaultQueue[WebhookFault] = FaultQueue()
        self.webhook_secrets = WebhookSecrets(settings.keys.webhook_secret, self.store, self.clock)
        self.webhook_client = WebhookClient(self.archive, self.clock, self.webhook_secrets.in_force)
        self.webhooks = WebhookSender(self.webhook_client, self.webhook_faults)
        self.events = EventLog(
            self.archive, self.clock, self.webhooks.publish, settings.webhook_url
        )
        self.documents = ChargeDocuments(self.archive, self.clock, settings.public_url)
        self.three_d_secure = ThreeDSecure(self.store)
        self.vault = Vault(self.archive, self.clock)
        self.sources = SourceDesk(self.archive, self.clock)
        maker = ChargeMaker(self.vault, self.sources, self.three_d_secure)
        self.charges = ChargeDesk(self.archive, self.clock, self.events, self.documents, maker)
        self.refunds = RefundDesk(self.archive, self.clock, self.events, self.charges)
        self.disputes = DisputeDesk(self.archive, self.clock, self.events, self.charges)

    async def wipe(self) -> None:
        """Forget everything but the keys it was started with."""
        await self.webhooks.abandon()
        self.api_faults.clear()
        self.webhook_faults.clear()
        self.store.wipe()
