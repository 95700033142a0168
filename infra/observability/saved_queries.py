"""Saved queries of CloudWatch Logs Insights: what happened to a purchase, a run or a request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct

from infra.settings import StageSettings

# What functions write (kernel.observability), beside the time and the message.
FIELDS: Final = (
    "service",
    "step",
    "outcome",
    "status",
    "route",
    "reason",
    "error_code",
    "error",
    "charge_id",
    "credits",
    "entry_no",
    "correlation_id",
    "user_id",
)
_MAX_LINES: Final = 1_000
# A state machine's log has states in place of messages, and the item's id in the execution's name.
_SHOWN: Final = (
    "@timestamp",
    "coalesce(message, type) as what",
    "coalesce(details.name, '') as state",
    *FIELDS,
)
_PURCHASE: Final = "pur_"
_RUN: Final = "run_"


class SavedQueries(Construct):
    """Saves one query for each question; whoever asks puts the id in.

    Parameters
    ----------
    scope
        Where queries belong.
    settings
        The stage's settings.
    billing, workflows
        The services whose functions and state machines write the log.
    others
        The services that only take part in requests.
    """

    def __init__(
        self,
        scope: Construct,
        settings: StageSettings,
        *,
        billing: IConstruct,
        workflows: IConstruct,
        others: Sequence[IConstruct],
    ) -> None:
        super().__init__(scope, "Queries")
        self._folder = f"CreditEngine-{settings.stage}"
        self._save("What happened to this purchase", _about("purchase_id", _PURCHASE), billing)
        self._save("What happened to this run", _about("run_id", _RUN), workflows)
        self._save(
            "What happened under this correlation id",
            ["correlation_id = 'cor_…' or purchase_correlation_id = 'cor_…'"],
            billing,
            workflows,
            *others,
        )
        self._save("Security events", ["ispresent(security_event)"], billing, *others)

    def _save(self, question: str, filters: list[str], *services: IConstruct) -> None:
        logs.QueryDefinition(
            self,
            question.title().replace(" ", ""),
            query_definition_name=f"{self._folder}/{question}",
            log_groups=_log_groups_of(*services),
            query_string=logs.QueryString(
                fields=list(_SHOWN),
                filter_statements=filters,
                sort="@timestamp asc",
                limit=_MAX_LINES,
            ),
        )


def _about(field: str, prefix: str) -> list[str]:
    """Match the lines about one thing, and the steps of the execution that is named after it."""
    return [f"{field} = '{prefix}…' or execution_arn like '{prefix}…'"]


def _log_groups_of(*services: IConstruct) -> list[logs.ILogGroup]:
    return [
        child
        for service in services
        for child in service.node.find_all()
        if isinstance(child, logs.LogGroup)
    ]
