"""Structured logs and business metrics, the same in every function.

A log line carries the correlation id, the user id and the business ids, and never a secret, a
token, a card number or an e-mail address.
"""

from __future__ import annotations

import json
import sys
from typing import Final

from aws_lambda_powertools import Logger

from kernel import clock, tracing
from kernel.embedded_metrics import COUNT, MILLISECONDS, members_of

logger: Final = Logger()
_IDS: Final = ("user_id", "purchase_id", "run_id")


def begin(correlation_id: str | None, **ids: str | None) -> None:
    """Log and trace from here on under a correlation id, and no longer under earlier work's ids.

    Parameters
    ----------
    correlation_id
        The id of the request that set this in motion.
    **ids
        What the work is about, where that is known: see `about`.
    """
    logger.set_correlation_id(correlation_id)
    logger.remove_keys(_IDS)
    tracing.annotate(correlation_id=correlation_id)
    about(**ids)


def about(
    *, user_id: str | None = None, purchase_id: str | None = None, run_id: str | None = None
) -> None:
    """Put ids onto every further log line, so that one query finds all that happened to a thing."""
    ids = {"user_id": user_id, "purchase_id": purchase_id, "run_id": run_id}
    logger.append_keys(**{name: value for name, value in ids.items() if value})
    tracing.annotate(purchase_id=purchase_id, run_id=run_id)


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
    _emit(name, value, COUNT, dimensions)


def measure_milliseconds(name: str, value: int, **dimensions: str) -> None:
    """Emit how long something took, as `count` does."""
    _emit(name, value, MILLISECONDS, dimensions)


def _emit(name: str, value: int, unit: str, dimensions: dict[str, str]) -> None:
    line = members_of(name, value, unit, dimensions, clock.now())
    sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")


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
