"""The run saga: from a paid run to its output, or to its credits given back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.saga import ERROR, RESULT, SagaSteps, choice_of, make_state_machine, retry
from infra.settings import StageSettings
from workflows.catalogue.entries import Entry, FunctionTarget, LambdaTarget, StateMachineTarget

_RUN: Final = f"{RESULT}.run"
_OUTPUT: Final = f"{RESULT}.output"
# Too many run at once: this one did not, so that is no attempt of the automation's.
_NOT_STARTED: Final = "Lambda.TooManyRequestsException"
_UNTIL_STARTED_SECONDS: Final = 255
_TOOK_TOO_LONG: Final = ("Sandbox.Timedout",)  # by Lambda's clock; by ours it is never retried
_VERDICT: Final = "AutomationFailed"  # an automation's own, so trying again changes nothing
_MAX_DELAY_SECONDS: Final = 300
_SETTLING_TAKES_AT_MOST: Final = Duration.days(1)


class RunSaga(Construct):
    """Marks a run as running, invokes its automation, and settles the run either way.

    A failed automation is no failed execution: the run is settled, its credits are back. Only a
    give-back that stays impossible fails the execution, and raises the alarm on that.

    Parameters
    ----------
    scope
        The workflows service.
    settings
        The stage's settings.
    function
        `workflows/saga`, whose docstring lists the steps and their outcomes.
    automations
        The catalogue: one branch each.
    built_in
        The functions of this stack that automations name, by folder.
    key
        What encrypts the log, if not CloudWatch's own key.

    Attributes
    ----------
    state_machine
        One execution of it per run, named after the run.
    """

    def __init__(
        self,
        scope: Construct,
        settings: StageSettings,
        *,
        function: lambda_.Function,
        automations: Sequence[Entry],
        built_in: Mapping[str, lambda_.Function],
        key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, "RunSaga")
        self._settings = settings
        self._steps = SagaSteps(self, settings, function, "run_id")
        self._built_in = built_in
        self._invoked: list[lambda_.IFunction] = [function]
        self._done = sfn.Succeed(self, "Done")
        self._give_back = self._gives_back()
        self._mark_succeeded = self._marks_succeeded()
        longest = max(_longest_seconds(entry) for entry in automations)
        self.state_machine = make_state_machine(
            self,
            self._marks_running(automations),
            settings,
            invokes=self._invoked,
            key=key,
            timeout=Duration.seconds(longest).plus(_SETTLING_TAKES_AT_MOST),
        )
        for entry in automations:
            self._acknowledge_executions(entry)

    def _acknowledge_executions(self, entry: Entry) -> None:
        """Except the right to wait for executions of a state machine of the operator's."""
        if isinstance(entry.target, StateMachineTarget):
            name = entry.target.state_machine_arn.rsplit(":", 1)[-1]
            place = "arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution"
            acknowledge(
                self.state_machine,
                "Executions of the automation's state machine that this saga starts and waits for.",
                f"AwsSolutions-IAM5[Resource::{place}:{name}*]",
            )

    def _gives_back(self) -> tasks.LambdaInvoke:
        error = {"error": sfn.JsonPath.object_at(ERROR)}
        give_back = self._steps.step("GiveBack", "give_back", error)
        stuck = sfn.Fail(self, "Stuck", error="RunStuck", cause="The credits are not given back.")
        give_back.add_catch(stuck, errors=["States.ALL"], result_path=ERROR)
        give_back.next(self._done)
        return give_back

    def _marks_succeeded(self) -> tasks.LambdaInvoke:
        output = {"output": sfn.JsonPath.object_at(_OUTPUT)}
        mark_succeeded = self._steps.step("MarkSucceeded", "mark_succeeded", output)
        self._give_back_on_error(mark_succeeded)
        mark_succeeded.next(self._done)
        return mark_succeeded

    def _marks_running(self, automations: Sequence[Entry]) -> tasks.LambdaInvoke:
        mark_running = self._steps.step("MarkRunning", "mark_running", kept={"run": "$.Payload"})
        self._give_back_on_error(mark_running)
        outcomes = {"running": self._branches(automations), "settled": self._done}
        mark_running.next(
            choice_of(self, "MarkedRunning", outcomes, self._refusal("UnexpectedOutcome"))
        )
        return mark_running

    def _branches(self, automations: Sequence[Entry]) -> sfn.Choice:
        choice = sfn.Choice(self, "WhichAutomation")
        for entry in automations:
            is_it = sfn.Condition.string_equals(f"{_RUN}.automation_id", entry.id)
            choice.when(is_it, self._runs(entry))
        return choice.otherwise(self._refusal("NoSuchAutomation"))

    def _runs(self, entry: Entry) -> tasks.LambdaInvoke | tasks.StepFunctionsStartExecution:
        """Make the state that runs an automation, with the catalogue's time-out and retries."""
        state = self._task(entry)
        state.add_retry(errors=[_VERDICT, *_TOOK_TOO_LONG], max_attempts=0)
        state.add_retry(
            errors=["States.TaskFailed"],
            interval=Duration.seconds(entry.retry.interval_seconds),
            backoff_rate=entry.retry.backoff_rate,
            max_attempts=entry.retry.max_attempts,
            max_delay=Duration.seconds(_MAX_DELAY_SECONDS),
            jitter_strategy=sfn.JitterType.FULL,
        )
        self._give_back_on_error(state)
        state.next(self._mark_succeeded)
        return state

    def _task(self, entry: Entry) -> tasks.LambdaInvoke | tasks.StepFunctionsStartExecution:
        match entry.target:
            case FunctionTarget(function=folder):
                return self._invokes(entry, self._built_in[folder])
            case LambdaTarget(lambda_arn=arn):
                return self._invokes(
                    entry, lambda_.Function.from_function_arn(self, f"{entry.id}-function", arn)
                )
            case StateMachineTarget(state_machine_arn=arn):
                return self._executes(
                    entry, sfn.StateMachine.from_state_machine_arn(self, f"{entry.id}-machine", arn)
                )

    def _invokes(self, entry: Entry, function: lambda_.IFunction) -> tasks.LambdaInvoke:
        self._invoked.append(function)
        state = tasks.LambdaInvoke(
            self,
            entry.id,
            lambda_function=function,
            payload=_automation_input(),
            retry_on_service_exceptions=False,
            **_bounded(entry, "$.Payload"),
        )
        retry(state, self._settings, [_NOT_STARTED])
        return state

    def _executes(
        self, entry: Entry, machine: sfn.IStateMachine
    ) -> tasks.StepFunctionsStartExecution:
        return tasks.StepFunctionsStartExecution(
            self,
            entry.id,
            state_machine=machine,
            input=_automation_input(),
            integration_pattern=sfn.IntegrationPattern.RUN_JOB,
            **_bounded(entry, "$.Output"),
        )

    def _refusal(self, error: str) -> sfn.Pass:
        """Give back what was paid for something that cannot be run (any more)."""
        reason = sfn.Result.from_object({"Error": error, "Cause": "{}"})
        refusal = sfn.Pass(self, error, result=reason, result_path=ERROR)
        refusal.next(self._give_back)
        return refusal

    def _give_back_on_error(
        self, state: tasks.LambdaInvoke | tasks.StepFunctionsStartExecution
    ) -> None:
        """Give back on any error; States.ALL does not include an output that is too large."""
        for error in ("States.DataLimitExceeded", "States.ALL"):
            state.add_catch(self._give_back, errors=[error], result_path=ERROR)


def _automation_input() -> sfn.TaskInput:
    return sfn.TaskInput.from_object(
        {
            "run_id": sfn.JsonPath.string_at("$.run_id"),
            "correlation_id": sfn.JsonPath.string_at("$.correlation_id"),
            "parameters": sfn.JsonPath.object_at(f"{_RUN}.parameters"),
            "input": sfn.JsonPath.object_at(f"{_RUN}.input"),
        }
    )


def _bounded(entry: Entry, output: str) -> dict[str, Any]:
    return {
        "task_timeout": sfn.Timeout.duration(Duration.seconds(entry.timeout_seconds)),
        "result_selector": {"output": sfn.JsonPath.object_at(output)},
        "result_path": RESULT,  # in place of the run: a state holds 256 KiB at most
    }


def _longest_seconds(entry: Entry) -> int:
    attempts = entry.retry.max_attempts + 1
    return attempts * (entry.timeout_seconds + _MAX_DELAY_SECONDS) + _UNTIL_STARTED_SECONDS
