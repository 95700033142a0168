"""Alarms, each with its runbook."""

from __future__ import annotations

from typing import Final

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.keys import alarms_key
from infra.settings import StageSettings

_AT_LEAST: Final = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
_LESS: Final = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD


class Alarms(Construct):
    """Makes alarms that tell one topic when they begin and when they are over.

    Parameters
    ----------
    scope
        Where alarms belong.
    settings
        The stage's settings.

    Attributes
    ----------
    topic
        Where to subscribe people.
    made
        Every alarm.
    """

    def __init__(self, scope: Construct, settings: StageSettings) -> None:
        super().__init__(scope, "Alarms")
        self._settings = settings
        self.topic = sns.Topic(
            self, "Topic", enforce_ssl=True, master_key=alarms_key(self, settings)
        )
        self._action = actions.SnsAction(self.topic)
        self.made: list[cloudwatch.Alarm] = []

    def on(
        self,
        name: str,
        metric: cloudwatch.IMetric,
        description: str,
        threshold: float = 1,
        periods: int = 1,
    ) -> None:
        """Raise an alarm when a metric reaches a threshold; no data is no alarm.

        Parameters
        ----------
        name
            The alarm's name, and the title of its section in the runbooks.
        metric
            What is watched.
        description
            What it means, in a sentence.
        threshold
            From where on.
        periods
            For how many of the metric's periods in a row.
        """
        missing = cloudwatch.TreatMissingData.NOT_BREACHING
        self._make(name, metric, description, threshold, periods, _AT_LEAST, missing)

    def on_absence(
        self, name: str, metric: cloudwatch.IMetric, description: str, periods: int
    ) -> None:
        """Raise an alarm when nothing is reported for some periods in a row."""
        missing = cloudwatch.TreatMissingData.BREACHING
        self._make(name, metric, description, 1, periods, _LESS, missing)

    def _make(  # noqa: PLR0913, PLR0917  # what alarms differ in
        self,
        name: str,
        metric: cloudwatch.IMetric,
        description: str,
        threshold: float,
        periods: int,
        comparison: cloudwatch.ComparisonOperator,
        missing: cloudwatch.TreatMissingData,
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            name,
            alarm_name=f"CreditEngine-{self._settings.stage}-{name}",
            alarm_description=f"{description} {self._settings.runbooks_url}#{name.lower()}",
            metric=metric,
            threshold=threshold,
            evaluation_periods=periods,
            comparison_operator=comparison,
            treat_missing_data=missing,
        )
        alarm.add_alarm_action(self._action)
        alarm.add_ok_action(self._action)
        self.made.append(alarm)
