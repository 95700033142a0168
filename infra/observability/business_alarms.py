"""Alarms on money, credits and attackers: what our own code counts."""

from __future__ import annotations

from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from infra.observability.alarms import Alarms
from infra.observability.metrics import counted

_HOUR: Final = Duration.hours(1)
_HALF: Final = 50  # per cent
_ENOUGH_PURCHASES: Final = 10
_ENOUGH_RUNS: Final = 20

# Each with its metric, the service that counts it, and how many in five minutes are too many.
_COUNTED: Final = (
    ("PurchaseStuck", "PurchaseStuck", "billing", 1, "A purchase needs a person."),
    ("LedgerFindings", "LedgerFindings", "billing", 1, "A ledger is wrong."),
    (
        "ReconciliationDifferences",
        "ReconciliationDifferences",
        "billing",
        1,
        "Omise's books and ours differed; the report says where, and what was healed.",
    ),
    ("OmiseNotAnswering", "OmiseCallsFailed", "billing", 10, "Omise does not answer."),
    ("WebhooksRejected", "WebhookRejected", "billing", 10, "Webhooks are rejected."),
    ("LoginsFailing", "LoginFailed", "identity", 200, "Very many logins fail."),
    ("LoginsThrottled", "LoginThrottled", "identity", 50, "Somebody goes on guessing passwords."),
    ("TokensRefused", "TokenRefused", "identity", 500, "Very many access tokens are refused."),
    (
        "RefreshTokensRefused",
        "RefreshTokenRefused",
        "identity",
        50,
        "Very many refresh tokens are refused, or come a second time.",
    ),
)


def watch_business(alarms: Alarms, *, with_formulas: bool) -> None:
    """Add the alarms on what our code counts.

    Parameters
    ----------
    alarms
        Where they are added.
    with_formulas
        Whether those on shares are among them; only AWS itself understands these.
    """
    for name, metric, service, threshold, description in _COUNTED:
        alarms.on(name, counted(metric, service), description, threshold)
    if with_formulas:
        _watch_shares(alarms)


def _watch_shares(alarms: Alarms) -> None:
    alarms.on(
        "PurchasesFailing",
        _share(
            counted("PurchasesEnded", "billing", period=_HOUR, outcome="failed"),
            counted("PurchasesEnded", "billing", period=_HOUR, outcome="completed"),
            _ENOUGH_PURCHASES,
        ),
        "Of those who paid or tried to, half failed for an hour.",
        _HALF,
    )
    alarms.on(
        "RunsFailing",
        _share(
            counted("RunsFailed", "workflows", period=_HOUR),
            counted("RunsSucceeded", "workflows", period=_HOUR),
            _ENOUGH_RUNS,
        ),
        "Half of the runs of an hour failed, and their credits were given back.",
        _HALF,
    )


def _share(bad: cloudwatch.Metric, good: cloudwatch.Metric, least: int) -> cloudwatch.IMetric:
    """Return the share of the bad in per cent; 0 where there is too little to say anything."""
    both = "(FILL(bad,0)+FILL(good,0))"
    return cloudwatch.MathExpression(
        expression=f"IF({both}>={least}, 100*FILL(bad,0)/{both}, 0)",
        using_metrics={"bad": bad, "good": good},
        period=_HOUR,
    )
