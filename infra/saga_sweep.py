"""The sweep: what finds the sagas that were lost, by looking often and thoroughly once a day."""

from __future__ import annotations

import json
from typing import Final

from aws_cdk import Duration, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra.acknowledgements import acknowledge, executions_of, versions_of
from infra.saga import RETRIED, make_state_machine, retry
from infra.settings import StageSettings

_VERSIONS: Final = "All versions of the one function; there is only the current one."
_EXECUTIONS: Final = "Every execution of the one saga may be the lost one."
_POSITION: Final = "$.position"
_TAKES_AT_MOST: Final = Duration.hours(12)


class SagaSweep(Construct):
    """Calls a sweeper for failed executions every few minutes, and for all items once a day.

    The daily walk goes part by part, until the function says that there is none left.

    Parameters
    ----------
    scope
        The service.
    settings
        The stage's settings: how often.
    function
        The service's sweeper, whose docstring says what it takes.
    saga
        The state machine whose executions get lost.
    looks_at
        What the sweeper calls a walk through all items.
    key
        What encrypts the log, if not CloudWatch's own key.

    Attributes
    ----------
    state_machine
        The daily walk.
    """

    def __init__(
        self,
        scope: Construct,
        settings: StageSettings,
        *,
        function: lambda_.Function,
        saga: sfn.StateMachine,
        looks_at: str,
        key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, "Sweep")
        self._settings = settings
        _allow_recovering(function, saga)
        self.state_machine = make_state_machine(
            self,
            self._walk(function, looks_at),
            settings,
            invokes=[function],
            key=key,
            timeout=_TAKES_AT_MOST,
        )
        # The scheduler's role stands beside the service, in the stack.
        acknowledge(Stack.of(self), _VERSIONS, versions_of(function))
        scheduler.Schedule(
            self,
            "Often",
            description="Find executions that were lost",
            schedule=_every(settings.sweep_minutes),
            target=targets.LambdaInvoke(function, input=_input({"look_at": "executions"})),
        )
        scheduler.Schedule(
            self,
            "Thoroughly",
            description="Find what never got an execution",
            schedule=_every(settings.thorough_sweep_minutes),
            target=targets.StepFunctionsStartExecution(
                self.state_machine, input=_input({"position": None})
            ),
        )

    def _walk(self, function: lambda_.Function, looks_at: str) -> tasks.LambdaInvoke:
        sweep = self._sweeps_part(function, looks_at)
        more = sfn.Choice(self, "More")
        more.when(sfn.Condition.is_null(_POSITION), sfn.Succeed(self, "Done")).otherwise(sweep)
        sweep.next(more)
        return sweep

    def _sweeps_part(self, function: lambda_.Function, looks_at: str) -> tasks.LambdaInvoke:
        seconds = (function.timeout or Duration.seconds(60)).to_seconds()
        part = tasks.LambdaInvoke(
            self,
            "SweepPart",
            lambda_function=function,
            payload=sfn.TaskInput.from_object(
                {"look_at": looks_at, "position": sfn.JsonPath.object_at(_POSITION)}
            ),
            result_selector={"position": sfn.JsonPath.object_at("$.Payload.position")},
            retry_on_service_exceptions=False,
            task_timeout=sfn.Timeout.duration(Duration.seconds(seconds + 10)),
        )
        retry(part, self._settings, (*RETRIED, "States.Timeout"))
        failed = sfn.Fail(self, "NotSwept", error="NotSwept", cause="See the sweeper's log.")
        part.add_catch(failed, errors=["States.ALL"], result_path="$.error")
        return part


def _every(minutes: int) -> scheduler.ScheduleExpression:
    return scheduler.ScheduleExpression.rate(Duration.minutes(minutes))


def _input(value: dict[str, object]) -> scheduler.ScheduleTargetInput:
    return scheduler.ScheduleTargetInput.from_text(json.dumps(value))


def _allow_recovering(function: lambda_.Function, saga: sfn.StateMachine) -> None:
    """Let a sweeper look at a saga's executions and start some; `grant_read` would be wider."""
    saga.grant_start_execution(function)
    saga.grant(function, "states:ListExecutions")
    saga.grant_execution(function, "states:DescribeExecution")
    if function.role:
        acknowledge(function.role, _EXECUTIONS, executions_of(saga))
