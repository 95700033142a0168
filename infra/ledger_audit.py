"""The daily audit: every ledger is verified from its first entry."""

from __future__ import annotations

from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra.saga import RETRIED, make_state_machine
from infra.settings import StageSettings

_PART: Final = "$.part"
_POSITION: Final = f"{_PART}.position"
_TAKES_AT_MOST: Final = Duration.hours(12)
_AT: Final = "cron(0 19 * * ? *)"  # 02:00 in Bangkok


class LedgerAudit(Construct):
    """Walks the ledgers part by part, until the function says that there is none left.

    Parameters
    ----------
    scope
        The billing service.
    settings
        The stage's settings.
    function
        `billing/audit`: verifies one part, and says where the next begins.
    key
        What encrypts the log, if not CloudWatch's own key.

    Attributes
    ----------
    state_machine
        The audit; it needs no input.
    """

    def __init__(
        self,
        scope: Construct,
        settings: StageSettings,
        function: lambda_.Function,
        key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, "LedgerAudit")
        self._failed = sfn.Fail(
            self, "NotVerified", error="NotVerified", cause="See the audit's log."
        )
        first = self._verifies(function, "VerifyFirstPart", {})
        later = self._verifies(
            function, "VerifyPart", {"position": sfn.JsonPath.string_at(_POSITION)}
        )
        more = sfn.Choice(self, "More")
        more.when(sfn.Condition.is_null(_POSITION), sfn.Succeed(self, "Done")).otherwise(later)
        first.next(more)
        later.next(more)
        self.state_machine = make_state_machine(
            self, first, settings, key=key, timeout=_TAKES_AT_MOST
        )
        self._daily()

    def _verifies(
        self, function: lambda_.Function, name: str, payload: dict[str, str]
    ) -> tasks.LambdaInvoke:
        part = tasks.LambdaInvoke(
            self,
            name,
            lambda_function=function,
            payload=sfn.TaskInput.from_object(payload),
            result_selector={"position": sfn.JsonPath.object_at("$.Payload.position")},
            result_path=_PART,
            retry_on_service_exceptions=False,
            task_timeout=sfn.Timeout.duration(Duration.seconds(660)),
        )
        part.add_retry(
            errors=[*RETRIED, "States.Timeout"], max_attempts=5, jitter_strategy=sfn.JitterType.FULL
        )
        part.add_catch(self._failed, errors=["States.ALL"], result_path="$.error")
        return part

    def _daily(self) -> None:
        scheduler.Schedule(
            self,
            "Daily",
            description="Verify every ledger",
            schedule=scheduler.ScheduleExpression.expression(_AT),
            target=targets.StepFunctionsStartExecution(self.state_machine),
        )
