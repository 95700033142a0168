"""Logs and meters what runs used, once per run, at its end."""

from __future__ import annotations

from typing import Final

from kernel.observability import count, logger, measure_milliseconds
from workflows.domain.recovery import Remedy
from workflows.domain.run import Run, RunStatus

_MILLISECONDS: Final = 1000


def record_usage(run: Run) -> None:
    """Record a settled run by its automation.

    `RunsSucceeded` and `CreditsSpent`, or `RunsFailed` and `CreditsGivenBack`; `RunDuration` is the
    time from start to end in milliseconds.
    """
    order = run.order
    succeeded = run.status is RunStatus.SUCCEEDED
    duration_ms = _duration_ms(run)
    logger.info(
        "run settled",
        extra={
            "run_id": run.id,
            "user_id": order.user_id,
            "workflow_id": order.workflow_id,
            "automation_id": order.automation_id,
            "status": run.status,
            "error_code": run.failure.code if run.failure else None,
            "credits_spent": order.credit_cost if succeeded else 0,
            "credits_given_back": 0 if succeeded else order.credit_cost,
            "duration_ms": duration_ms,
        },
    )
    credits_went = "CreditsSpent" if succeeded else "CreditsGivenBack"
    count(credits_went, order.credit_cost, automation_id=order.automation_id)
    count("RunsSucceeded" if succeeded else "RunsFailed", automation_id=order.automation_id)
    if duration_ms is not None:
        measure_milliseconds("RunDuration", duration_ms, automation_id=order.automation_id)


def record_recovery(run: Run, remedy: Remedy) -> None:
    """Record that a lost run was recovered: `RunsRecovered`, by what was done.

    One that was given back is settled, and recorded as such, too.
    """
    logger.warning(
        "run recovered",
        extra={
            "run_id": run.id,
            "user_id": run.order.user_id,
            "correlation_id": run.order.correlation_id,
            "remedy": remedy,
            "executions": run.executions,
        },
    )
    count("RunsRecovered", remedy=remedy)
    if run.is_settled:
        record_usage(run)


def _duration_ms(run: Run) -> int | None:
    if run.started_at is None or run.finished_at is None:
        return None
    return round((run.finished_at - run.started_at).total_seconds() * _MILLISECONDS)
