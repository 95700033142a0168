"""CloudWatch's embedded metric format: a log line that is a metric as well.

Written out here, because the library's import takes longer than all else that the authorizer does.
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any, Final

NAMESPACE: Final = "CreditEngine"
COUNT: Final = "Count"
MILLISECONDS: Final = "Milliseconds"
_MILLISECONDS_PER_SECOND: Final = 1_000


def members_of(
    name: str, value: int, unit: str, dimensions: dict[str, str], now: datetime
) -> dict[str, Any]:
    """Return the members that make a log line a metric.

    It is there by service, which alarms need, and by service and dimensions, which tells more.

    Parameters
    ----------
    name, value, unit
        What is measured.
    dimensions
        What it is measured by; few values each, since every combination is a metric that costs.
    now
        The time.
    """
    by_service = ["service"]
    definition = {
        "Namespace": NAMESPACE,
        "Dimensions": [by_service, [*by_service, *dimensions]] if dimensions else [by_service],
        "Metrics": [{"Name": name, "Unit": unit}],
    }
    return {
        "_aws": {
            "Timestamp": int(now.timestamp() * _MILLISECONDS_PER_SECOND),
            "CloudWatchMetrics": [definition],
        },
        "service": os.environ.get("POWERTOOLS_SERVICE_NAME", "service_undefined"),
        **dimensions,
        name: value,
    }
