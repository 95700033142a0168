"""Every Lambda function: how it is set, and the events that it is measured with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.interpreters import ENVIRONMENT, ROOT

Event = dict[str, Any]

_MACHINE: Final = "arn:aws:states:ap-southeast-1:123456789012:stateMachine:example"
SETTINGS: Final = {
    "STAGE": "local",
    "IDENTITY_TABLE_NAME": "Identity",
    "BILLING_TABLE_NAME": "Billing",
    "WORKFLOWS_TABLE_NAME": "Workflows",
    "SIGNING_KEY_IDS": "current",
    "TOKEN_ISSUER": "https://issuer.example.com",
    "TOKEN_AUDIENCE": "credit-engine",
    "ACCESS_TOKEN_SECONDS": "900",
    "REFRESH_TOKEN_SECONDS": "2592000",
    "GROUP_COMMIT_AFTER": "-1",
    "ORIGIN_PROOF_SECRET_ARN": "-",
    "ADDRESS_FAILURES_LIMIT": "100",
    "OMISE_SECRET_ARN": "omise",
    "WEBHOOK_SIGNATURES": "required",
    "PAYMENT_EXPIRY_SECONDS": "86400",
    "PURCHASE_STATE_MACHINE_ARN": _MACHINE,
    "RUN_STATE_MACHINE_ARN": _MACHINE,
    "RETURN_URI_HOSTS": "example.com",
    "RETURN_URI_INSECURE_HOSTS": "-",
    "OUTPUTS_BUCKET_NAME": "outputs-example",
    "REPORTS_BUCKET_NAME": "reports-example",
    "RECONCILIATION_DAYS": "7",
    "RECONCILIATION_GRACE_SECONDS": "3600",
    "SWEEP_AFTER_SECONDS": "900",
    "VERSION": "0.0.0",
    "ALLOWED_METHODS": '{"/v1/account":"GET","/v1/purchases":"GET, POST"}',
}


@dataclass(frozen=True)
class Lambda:
    """One function.

    Parameters
    ----------
    name
        Its folder below `functions/`.
    budget
        What its cold start may cost, imports and clients, in bare boto3 DynamoDB clients.
    leaves_machine
        Whether its events call something that cannot be stood in for here.
    """

    name: str
    budget: float
    leaves_machine: bool

    @property
    def module(self) -> str:
        """The handler's module."""
        return f"{self.name.replace('/', '.')}.handler"

    @property
    def events(self) -> dict[str, Event]:
        """Its events in `events/`, by name."""
        service, *_, function = self.name.split("/")
        folder = ROOT / "events" / f"{service}_{function}"
        return {
            path.stem: json.loads(path.read_text(encoding="utf-8"))
            for path in sorted(folder.glob("*.json"))
        }

    def environment(self, endpoint: str) -> dict[str, str]:
        """Return the whole environment that it is measured in.

        It logs as in production: that is a part of what a request costs.
        """
        service = self.name.split("/")[0]
        return {
            **ENVIRONMENT,
            **SETTINGS,
            "POWERTOOLS_SERVICE_NAME": service,
            "POWERTOOLS_LOG_LEVEL": "INFO",
            "AWS_ENDPOINT_URL": endpoint,
        }


_FOR_OPERATORS: Final = ("/operations", "/dispute")
_USUAL_BUDGET: Final = 1.2
_BUDGETS: Final = {
    "workflows/run_workflow": 0.75,
    "billing/webhook": 0.75,
    "identity/authorizer": 0.4,
}


def all_lambdas() -> tuple[Lambda, ...]:
    """Find every function of the repository but those that only operators invoke.

    Nobody waits for these, and their events are worth nothing without a proof signed just now.
    """
    handlers = sorted((ROOT / "functions").rglob("handler.py"))
    names = [path.parent.relative_to(ROOT / "functions").as_posix() for path in handlers]
    return tuple(
        Lambda(
            name, _BUDGETS.get(name, _USUAL_BUDGET), leaves_machine=name.endswith("website_check")
        )
        for name in names
        if not name.endswith(_FOR_OPERATORS)
    )
