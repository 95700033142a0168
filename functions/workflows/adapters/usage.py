"""Logs and meters what runs used, once per run, at its end."""

from __future__ import annotations

from typing import Final

from aws_lambda_powertools.metrics import MetricUnit, single_metric

from kernel.observability import NAMESPACE, count, logger
from workflows.domain.recovery import Remedy
from workflows.domain.run import Run, RunStatus

_MILLISECONDS: Final = 1000


def record_usage(run: Run) -> None:
    """Record a settled run by its automation: `CreditsSpent`, `RunsSucceeded`, `RunsFailed`.

    `RunDuration` is the time from start to end in milliseconds.
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
    if succeeded:
        count("CreditsSpent", order.credit_cost, automation_id=order.automation_id)
    count("RunsSucceeded" if succeeded else "RunsFailed", automation_id=order.automation_id)
    if duration_ms is not None:
        _measure_duration(order.automation_id, duration_ms)


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


def _measure_duration(automation_id: str, duration_ms: int) -> None:
    with single_metric(
        name="RunDuration",
        unit=MetricUnit.Milliseconds,
        value=duration_ms,
        namespace=NAMESPACE,
        default_dimensions={"automation_id": automation_id},
    ):
        pass
