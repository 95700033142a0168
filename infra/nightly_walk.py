"""What runs every night: a function that walks through something large, part by part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra.saga import RETRIED, make_state_machine, retry
from infra.settings import StageSettings

_PART: Final = "$.part"
_POSITION: Final = f"{_PART}.position"
_TAKES_AT_MOST: Final = Duration.hours(12)


class NightlyWalk(Construct):
    """Calls a function again and again, until it says that no part is left.

    A part that fails is tried again and no other, so a walk goes on where it was.

    Parameters
    ----------
    scope
        The billing service.
    name
        What it is, for example `LedgerAudit`.
    settings
        The stage's settings.
    function
        Does one part; it takes a `position`, and answers with the next one, null after the last.
    at
        When, as an expression of EventBridge's scheduler.
    description
        What it is for.
    kept
        What else of a part's answer is kept, by JSONPath.
    key
        What encrypts the log, if not CloudWatch's own key.

    Attributes
    ----------
    state_machine
        The walk; it needs no input.
    """

    def __init__(  # noqa: PLR0913  # what one walk differs in from another
        self,
        scope: Construct,
        name: str,
        settings: StageSettings,
        function: lambda_.Function,
        *,
        at: str,
        description: str,
        kept: Mapping[str, str] | None = None,
        key: kms.IKey | None = None,
    ) -> None:
        super().__init__(scope, name)
        self._settings = settings
        self._function = function
        self._kept = {"position": "$.Payload.position", **(kept or {})}
        self._failed = sfn.Fail(self, "NotFinished", error="NotFinished", cause="See the log.")
        first = self._does("FirstPart", {})
        later = self._does("NextPart", {"position": sfn.JsonPath.object_at(_POSITION)})
        more = sfn.Choice(self, "More")
        more.when(sfn.Condition.is_null(_POSITION), sfn.Succeed(self, "Done")).otherwise(later)
        first.next(more)
        later.next(more)
        self.state_machine = make_state_machine(
            self, first, settings, invokes=[function], key=key, timeout=_TAKES_AT_MOST
        )
        self._nightly(at, description)

    def _does(self, name: str, payload: dict[str, object]) -> tasks.LambdaInvoke:
        timeout = (self._function.timeout or Duration.minutes(10)).plus(Duration.minutes(1))
        part = tasks.LambdaInvoke(
            self,
            name,
            lambda_function=self._function,
            payload=sfn.TaskInput.from_object(payload),
            result_selector={
                member: sfn.JsonPath.object_at(path) for member, path in self._kept.items()
            },
            result_path=_PART,
            retry_on_service_exceptions=False,
            task_timeout=sfn.Timeout.duration(timeout),
        )
        retry(part, self._settings, (*RETRIED, "States.Timeout"))
        part.add_catch(self._failed, errors=["States.ALL"], result_path="$.error")
        return part

    def _nightly(self, at: str, description: str) -> None:
        scheduler.Schedule(
            self,
            "Daily",
            description=description,
            schedule=scheduler.ScheduleExpression.expression(at),
            target=targets.StepFunctionsStartExecution(self.state_machine),
        )
