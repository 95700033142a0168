"""Security events of a function that does without Powertools.

The authorizer's cold start must be short also when the token is bad, since anybody can send those.
Powertools brings botocore along, which would take three times as long as all the rest.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from typing import Final

from kernel.clock import rfc3339

_NAMESPACE: Final = "CreditEngine"
_MILLISECONDS: Final = 1_000


def security_event(name: str, reason: str, now: datetime, **keys: str | None) -> None:
    """Log and count an event as `kernel.observability.security_event` does, in one line.

    The line is a log entry, and by its member `_aws` a metric (CloudWatch embedded metric format).

    Parameters
    ----------
    name
        The metric.
    reason
        Why, one of few stable words.
    now
        The time.
    **keys
        Ids for the log alone.
    """
    metric = {
        "Namespace": _NAMESPACE,
        "Dimensions": [["reason", "service"]],
        "Metrics": [{"Name": name, "Unit": "Count"}],
    }
    line = {
        "level": "WARNING",
        "message": name,
        "timestamp": rfc3339(now),
        "service": os.environ.get("POWERTOOLS_SERVICE_NAME", "identity"),
        "security_event": name,
        "reason": reason,
        **keys,
        name: 1,
        "_aws": {"Timestamp": int(now.timestamp() * _MILLISECONDS), "CloudWatchMetrics": [metric]},
    }
    sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")
