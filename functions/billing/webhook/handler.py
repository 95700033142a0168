"""`POST /v1/webhooks/omise`: Omise tells that a charge, a refund or a dispute may have changed.

Every rejection is a security event with its reason and without its payload.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from billing.adapters import saga_signals
from billing.adapters.ledger_store import LedgerStore
from billing.adapters.omise_charges import OmiseCharges
from billing.adapters.purchase_store import PurchaseStore
from billing.adapters.secrets import OmiseSecretReader
from billing.domain.webhook_signature import WebhookRejectedError
from billing.settlement import Settlement
from billing.webhook.receiving import Receiving
from kernel import clock, settings
from kernel.errors import TemporarilyUnavailableError
from kernel.http import Endpoint, Request, Response, api_handler
from kernel.observability import logger, security_event

_SIGNATURES_OFF: Final = "off"


@dataclass(frozen=True)
class Settings:
    """What this function is told by its environment; signatures are off only by saying so."""

    billing_table_name: str
    omise_secret_arn: str
    webhook_signatures: str


def receiving(given: Settings) -> Receiving:
    """Wire the use case."""
    secrets = OmiseSecretReader(given.omise_secret_arn)
    purchases = PurchaseStore(given.billing_table_name)
    return Receiving(
        None if given.webhook_signatures == _SIGNATURES_OFF else secrets,
        OmiseCharges(secrets.current),
        purchases,
        Settlement(LedgerStore(given.billing_table_name), purchases),
        saga_signals.signal,
    )


def endpoint(use_case: Receiving) -> Endpoint:
    """Make the endpoint."""

    def omise_event(request: Request) -> Response:
        try:
            use_case.receive(request.body, request.headers, clock.now())
        except WebhookRejectedError as rejection:
            security_event("WebhookRejected", rejection.reason, source_ip=request.source_ip)
            raise
        except TimeoutError as error:
            # Wherever it comes from: a notice that was not acted on has to come again.
            logger.exception("webhook timed out")
            raise TemporarilyUnavailableError("The service is busy. Try again.") from error
        return Response(200, {"received": True})

    return omise_event


handler: Final = api_handler(
    {"POST /v1/webhooks/omise": endpoint(receiving(settings.read(Settings)))}
)
