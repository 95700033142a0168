"""The dashboard: the business first, then what serves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.observability.metrics import (
    PERIOD,
    by,
    counted,
    functions_of,
    state_machines_of,
)
from infra.observability.platform_alarms import iterator_age, throttled
from infra.saga_dispatch import SagaDispatch
from infra.settings import StageSettings
from infra.tables import ServiceTable

_ROW: Final = 24
_THIRD: Final = 8
_QUARTER: Final = 6
_HEIGHT: Final = 6


class Dashboard(Construct):
    """Shows a stage at a glance: alarms, business, API, functions, sagas, tables.

    Parameters
    ----------
    scope
        Where it belongs.
    settings
        The stage's settings: it is named after the stage.
    alarms
        Shown first, with their state.
    """

    def __init__(
        self, scope: Construct, settings: StageSettings, alarms: Sequence[cloudwatch.IAlarm]
    ) -> None:
        super().__init__(scope, "Board")
        self._board = cloudwatch.Dashboard(
            self, "Dashboard", dashboard_name=f"CreditEngine-{settings.stage}"
        )
        self._board.add_widgets(
            cloudwatch.AlarmStatusWidget(
                title="Alarms", alarms=list(alarms), width=_ROW, height=_HEIGHT
            )
        )

    def show_business(self) -> None:
        """Show credits, purchases and runs, and what is wrong about them."""
        credits_moved = (
            counted("CreditsSold", "billing"),
            counted("CreditsSpent", "workflows"),
            counted("CreditsGivenBack", "workflows"),
            counted("CreditsClawedBack", "billing"),
        )
        needs_eyes = (
            counted("PurchaseStuck", "billing"),
            counted("ReconciliationDifferences", "billing"),
            counted("LedgerFindings", "billing"),
            counted("PurchaseSagasRestarted", "billing"),
            counted("RunsRecovered", "workflows"),
            counted("OmiseCallsFailed", "billing"),
            counted("AdjustmentsAsked", "billing"),
        )
        self._board.add_widgets(_numbers("Credits", credits_moved))
        self._board.add_widgets(
            _graph("Purchases by outcome", [by("PurchasesEnded", "outcome")]),
            _graph("Webhooks rejected, by reason", [by("WebhookRejected", "reason")]),
            _graph("Needs eyes", needs_eyes),
            _graph("Runs succeeded", [by("RunsSucceeded", "automation_id")]),
            _graph("Runs failed", [by("RunsFailed", "automation_id")]),
            _graph("Time of a run, p95, ms", [by("RunDuration", "automation_id", "p95")]),
        )

    def show_security(self) -> None:
        """Show who was turned away, and why."""
        turned_away = {
            "Logins failed": "LoginFailed",
            "Logins throttled": "LoginThrottled",
            "Access tokens refused": "TokenRefused",
            "Refresh tokens refused": "RefreshTokenRefused",
        }
        self._board.add_widgets(
            *(_graph(title, [by(name, "reason")], _QUARTER) for title, name in turned_away.items())
        )

    def show_api(self, api: apigateway.RestApi) -> None:
        """Show what clients see."""
        latency = [api.metric_latency(period=PERIOD, statistic=p) for p in ("p50", "p90", "p99")]
        errors = [api.metric_client_error(period=PERIOD), api.metric_server_error(period=PERIOD)]
        self._board.add_widgets(
            _graph("Requests", [api.metric_count(period=PERIOD)]),
            _graph("Latency, ms", latency),
            _graph("Answers with 4xx and 5xx", errors),
        )

    def show_functions(self, *services: Construct) -> None:
        """Show errors, throttles and durations, a line a function."""
        functions = functions_of(*services)
        self._board.add_widgets(
            _graph("Function errors", [_labelled(f, "Errors", "Sum") for f in functions]),
            _graph("Function throttles", [_labelled(f, "Throttles", "Sum") for f in functions]),
            _graph("Function p99, ms", [_labelled(f, "Duration", "p99") for f in functions]),
        )

    def show_sagas(self, dispatches: Mapping[str, SagaDispatch], *services: Construct) -> None:
        """Show what waits for its saga, what could not get one, and what failed."""
        ages = [iterator_age(dispatch.function) for dispatch in dispatches.values()]
        parked = [
            dispatch.parked.metric_approximate_number_of_messages_visible(
                period=PERIOD, statistic="Maximum", label=f"{name}s"
            )
            for name, dispatch in dispatches.items()
        ]
        ended_badly = [
            metric
            for name, machine in state_machines_of(*services).items()
            for metric in (
                machine.metric_failed(period=PERIOD, label=f"{name} failed"),
                machine.metric_timed_out(period=PERIOD, label=f"{name} timed out"),
            )
        ]
        self._board.add_widgets(
            _graph("Age of the streams' oldest record, ms", ages),
            _graph("Not dispatched", parked),
            _graph("Executions failed or timed out", ended_badly),
        )

    def show_tables(self, tables: Mapping[str, ServiceTable]) -> None:
        """Show whether DynamoDB keeps up."""
        self._board.add_widgets(
            *(_graph(f"{name} table, throttled", throttled(it)) for name, it in tables.items())
        )


def _numbers(title: str, metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.SingleValueWidget:
    return cloudwatch.SingleValueWidget(
        title=title, metrics=list(metrics), width=_ROW, set_period_to_time_range=True
    )


def _graph(
    title: str, metrics: Sequence[cloudwatch.IMetric], width: int = _THIRD
) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=width, height=_HEIGHT)


def _labelled(function: lambda_.Function, name: str, statistic: str) -> cloudwatch.Metric:
    return function.metric(name, period=PERIOD, statistic=statistic, label=function.node.id)
