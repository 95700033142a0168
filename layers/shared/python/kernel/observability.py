"""Structured logs and business metrics, the same in every function.

A log line carries the correlation id, the user id and the business ids, and never a secret, a
token, a card number or an e-mail address.
"""

from __future__ import annotations

from typing import Final

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

NAMESPACE: Final = "CreditEngine"

logger: Final = Logger()


def count(name: str, value: int = 1, **dimensions: str) -> None:
    """Emit a business metric in CloudWatch's embedded metric format.

    Parameters
    ----------
    name
        What is counted, for example `CreditsSold`.
    value
        How many.
    **dimensions
        What it is counted by; few values each, never a user's id.
    """
    with single_metric(
        name=name,
        unit=MetricUnit.Count,
        value=value,
        namespace=NAMESPACE,
        default_dimensions=dimensions or None,
    ):
        pass


def security_event(name: str, reason: str, **keys: str | int | None) -> None:
    """Log and count something that an attacker may have caused (PCI DSS 4.0.1, 10.2.1).

    Parameters
    ----------
    name
        The metric, for example `WebhookRejected`.
    reason
        Why, one of few stable words.
    **keys
        Ids for the log alone.
    """
    logger.warning(name, extra={"security_event": name, "reason": reason, **keys})
    count(name, reason=reason)
