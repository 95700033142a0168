"""Alarms on what must not stay unnoticed, and a dashboard that begins with the business."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.billing import Billing
from infra.keys import alarms_key
from infra.settings import StageSettings
from infra.workflows import Workflows
from kernel.observability import NAMESPACE

_PERIOD: Final = Duration.minutes(5)
_WIDTH: Final = 8
_BUSINESS: Final = (
    ("Credits", ("CreditsSold", "CreditsSpent", "CreditsClawedBack")),
    ("Runs", ("RunsSucceeded", "RunsFailed")),
    ("Refused and stuck", ("WebhookRejected", "PurchaseStuck", "ReconciliationDifferences")),
)


class Observability(Construct):
    """Raises alarms to one topic; each is about money, or about something that stands still.

    Attributes
    ----------
    alarms
        The topic to subscribe people to.
    """

    def __init__(
        self,
        scope: Construct,
        settings: StageSettings,
        *,
        api: apigateway.RestApi,
        billing: Billing,
        workflows: Workflows,
    ) -> None:
        super().__init__(scope, "Observability")
        self.alarms = sns.Topic(
            self, "Alarms", enforce_ssl=True, master_key=alarms_key(self, settings)
        )
        self._action = actions.SnsAction(self.alarms)
        self._watch_sagas(billing, workflows)
        self._alarm("PurchaseStuck", _of_billing("PurchaseStuck"), "A purchase needs a person.")
        self._watch_ledger(billing)
        self._watch_returns(billing)
        self._alarm(
            "ServerErrors",
            api.metric_server_error(period=_PERIOD, statistic="Sum"),
            "The API answers with 5xx.",
            threshold=5,
        )
        self._dashboard(settings, api)

    def _watch_sagas(self, billing: Billing, workflows: Workflows) -> None:
        for name, service in (("Purchase", billing), ("Run", workflows)):
            machine, parked = service.saga.state_machine, service.dispatch.parked
            self._alarm(
                f"{name}SagaFailed",
                machine.metric_failed(period=_PERIOD, statistic="Sum"),
                "A saga ended without settling.",
            )
            self._alarm(
                f"{name}SagaTimedOut",
                machine.metric_timed_out(period=_PERIOD, statistic="Sum"),
                "A saga went on for too long.",
            )
            self._alarm(
                f"{name}SweepFailed",
                service.sweep.state_machine.metric_failed(period=_PERIOD, statistic="Sum"),
                "Lost sagas could not be looked for.",
            )
            self._alarm(
                f"{name}NotDispatched",
                parked.metric_approximate_number_of_messages_visible(
                    period=_PERIOD, statistic="Maximum"
                ),
                "Something was stored, and its saga could not be started.",
            )

    def _watch_ledger(self, billing: Billing) -> None:
        self._alarm(
            "LedgerFindings",
            _of_billing("LedgerFindings"),
            "A ledger is wrong.",
        )
        self._alarm(
            "LedgerAuditFailed",
            billing.audit.state_machine.metric_failed(period=_PERIOD, statistic="Sum"),
            "The ledgers could not be verified.",
        )

    def _watch_returns(self, billing: Billing) -> None:
        self._alarm(
            "RefundSagaFailed",
            billing.refund_saga.state_machine.metric_failed(period=_PERIOD, statistic="Sum"),
            "A refund is neither made nor refused, and its credits are set aside.",
        )
        self._alarm(
            "RefundSagaTimedOut",
            billing.refund_saga.state_machine.metric_timed_out(period=_PERIOD, statistic="Sum"),
            "A refund went on for too long.",
        )
        self._alarm(
            "ReconciliationDifferences",
            _of_billing("ReconciliationDifferences"),
            "Omise's books and ours differed; the report says where, and what was healed.",
        )
        self._alarm(
            "ReconciliationFailed",
            billing.reconciliation.state_machine.metric_failed(period=_PERIOD, statistic="Sum"),
            "Omise's books and ours could not be compared.",
        )

    def _alarm(
        self, name: str, metric: cloudwatch.Metric, description: str, threshold: int = 1
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            name,
            metric=metric,
            threshold=threshold,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=description,
        )
        alarm.add_alarm_action(self._action)

    def _dashboard(self, settings: StageSettings, api: apigateway.RestApi) -> None:
        dashboard = cloudwatch.Dashboard(
            self, "Dashboard", dashboard_name=f"CreditEngine-{settings.stage}"
        )
        dashboard.add_widgets(
            *(_graph(title, [_total(name) for name in names]) for title, names in _BUSINESS)
        )
        dashboard.add_widgets(
            _graph("Requests", [api.metric_count(period=_PERIOD)]),
            _graph("Latency", [api.metric_latency(period=_PERIOD, statistic="p99")]),
            _graph("Errors", [api.metric_client_error(), api.metric_server_error()]),
        )


def _total(name: str) -> cloudwatch.MathExpression:
    """Add a metric up over all its dimensions, whatever they are."""
    search = f"SEARCH('Namespace=\"{NAMESPACE}\" MetricName=\"{name}\"', 'Sum')"
    return cloudwatch.MathExpression(expression=f"SUM({search})", label=name, period=_PERIOD)


def _of_billing(name: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=name,
        dimensions_map={"service": "billing"},
        statistic="Sum",
        period=_PERIOD,
    )


def _graph(title: str, metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=_WIDTH)
