"""Lambda handler of the automation `csv-summary`."""

from __future__ import annotations

from typing import Any

from kernel.observability import begin, logger
from workflows.automations.csv_summary.summary import invalid_csv, summarise


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Summarise the CSV text of the input or, if that has none, of the parameters.

    Raises
    ------
    AutomationFailed
        `invalid_csv`, if there is no CSV text.
    """
    begin(event.get("correlation_id"), run_id=event["run_id"])
    parameters, run_input = event["parameters"], event["input"] or {}
    text = run_input.get("csv", parameters.get("csv"))
    if not isinstance(text, str):
        raise invalid_csv("neither the parameters nor the input contain a `csv` text")
    summary = summarise(
        text,
        delimiter=parameters.get("delimiter"),
        has_header=parameters.get("has_header", True),
    )
    logger.info("csv summarised", extra={"run_id": event["run_id"], "rows": summary["rows"]})
    return summary
