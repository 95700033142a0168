"""Security events of a function that does without Powertools.

The authorizer's cold start must be short also when the token is bad, since anybody can send those.
Powertools brings botocore along, which would take three times as long as all the rest.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime

from kernel.clock import rfc3339
from kernel.embedded_metrics import COUNT, members_of


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
    line = {
        "level": "WARNING",
        "message": name,
        "timestamp": rfc3339(now),
        "security_event": name,
        **keys,
        **members_of(name, 1, COUNT, {"reason": reason}, now),
    }
    sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")
