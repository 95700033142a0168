"""Lambda handler of the automation `website-check`."""

from __future__ import annotations

from typing import Any, Final

from kernel.observability import begin, logger
from workflows.automations.website_check.check import WebsiteCheck
from workflows.automations.website_check.target import refused

_check: Final = WebsiteCheck()


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Check the website that the parameters name.

    Raises
    ------
    AutomationFailed
        `target_refused`, if it must not be fetched.
    """
    begin(event.get("correlation_id"), run_id=event["run_id"])
    url = event["parameters"].get("url")
    if not isinstance(url, str):
        raise refused("the parameters contain none")
    result = _check(url)
    logger.info(
        "website checked",
        extra={"run_id": event["run_id"], "reachable": result["reachable"]},
    )
    return result
