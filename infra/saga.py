"""What every saga has in common: steps with time-outs, retries and catches, and the machine.

A saga's steps live in one function of the service; the state machine says in which order. Data
flows by JSONPath: a step's answer goes to `$.result`, a caught error to `$.error`, and the
execution's input stays as it is beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks

from infra.acknowledgements import acknowledge, versions_of
from infra.log_groups import make_log_group
from infra.settings import StageSettings

if TYPE_CHECKING:
    from constructs import Construct

RESULT: Final = "$.result"
OUTCOME: Final = f"{RESULT}.outcome"
ERROR: Final = "$.error"
# Names of exception classes, as Lambda reports them, and what Lambda itself raises.
TEMPORARY: Final = "TemporarilyUnavailableError"
RETRIED: Final = (
    TEMPORARY,
    "AccountBusyError",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Sandbox.Timedout",
)
_VERSIONS: Final = "All versions of a function of its own service; there is only the current one."
_WITHOUT_RESOURCES: Final = "X-Ray and log deliveries have no ARN that a policy could name."
_FIRST_DELAY: Final = Duration.seconds(1)
_BACKOFF_RATE: Final = 2


class SagaSteps:
    """Makes the task states of one saga, all of which call one function.

    Parameters
    ----------
    scope
        The saga's construct.
    settings
        The stage's settings: how long it waits before a step is tried again.
    function
        The function that has the steps.
    subject
        The input's member that names what the saga is about, for example `purchase_id`.
    correlation_id
        Where each step's correlation id comes from, by JSONPath.
    """

    def __init__(
        self,
        scope: Construct,
        settings: StageSettings,
        function: lambda_.Function,
        subject: str,
        correlation_id: str = "$.correlation_id",
    ) -> None:
        self._scope = scope
        self._correlation_id = correlation_id
        self._function = function
        self._settings = settings
        self._subject = subject
        # The function gives up first, so that its log says why.
        self._timeout = sfn.Timeout.duration(
            (function.timeout or Duration.seconds(60)).plus(Duration.seconds(10))
        )

    def step(
        self,
        name: str,
        step: str,
        further: Mapping[str, Any] | None = None,
        kept: Mapping[str, str] | None = None,
    ) -> tasks.LambdaInvoke:
        """Make a state that takes one step; its answer's `outcome` is then at `$.result`.

        Parameters
        ----------
        name
            The state's name.
        step
            The step's, as the function knows it.
        further
            What the step takes beside the subject and the correlation id.
        kept
            What else of the answer stays at `$.result`, by JSONPath.
        """
        selected = {"outcome": "$.Payload.outcome", **(kept or {})}
        return self._invoke(
            name,
            self._payload(step, further),
            task_timeout=self._timeout,
            result_selector={name: sfn.JsonPath.object_at(path) for name, path in selected.items()},
            result_path=RESULT,
            retried=(*RETRIED, "States.Timeout"),
        )

    def wait_for_answer(self, name: str, step: str, timeout: Duration) -> tasks.LambdaInvoke:
        """Make a state that hands out a task token and waits until it is answered.

        Its answer is then at `$.result`; `States.Timeout` when nobody answered in time.
        """
        token = {"task_token": sfn.JsonPath.task_token}
        return self._invoke(
            name,
            self._payload(step, token),
            task_timeout=sfn.Timeout.duration(timeout),
            integration_pattern=sfn.IntegrationPattern.WAIT_FOR_TASK_TOKEN,
            result_path=RESULT,
            retried=RETRIED,  # when the wait is over it is over
        )

    def _payload(self, step: str, further: Mapping[str, Any] | None) -> sfn.TaskInput:
        return sfn.TaskInput.from_object(
            {
                "step": step,
                self._subject: sfn.JsonPath.string_at(f"$.{self._subject}"),
                "correlation_id": sfn.JsonPath.string_at(self._correlation_id),
                **(further or {}),
            }
        )

    def _invoke(
        self,
        name: str,
        payload: sfn.TaskInput,
        retried: Sequence[str],
        **more: Any,  # noqa: ANN401  # what LambdaInvoke takes
    ) -> tasks.LambdaInvoke:
        """Make a state that tries again what may pass: exponential backoff, full jitter."""
        state = tasks.LambdaInvoke(
            self._scope,
            name,
            lambda_function=self._function,
            payload=payload,
            retry_on_service_exceptions=False,
            **more,
        )
        retry(state, self._settings, retried)
        return state


def retry(state: tasks.LambdaInvoke, settings: StageSettings, errors: Sequence[str]) -> None:
    """Try a state again, in ever longer intervals, when it ends in one of some errors.

    In AWS the waits are 255 s together at the most.
    """
    state.add_retry(
        errors=list(errors),
        interval=_FIRST_DELAY,
        backoff_rate=_BACKOFF_RATE,
        max_attempts=settings.step_retries,
        max_delay=Duration.seconds(settings.step_retry_seconds),
        jitter_strategy=sfn.JitterType.FULL,
    )


def choice_of(
    scope: Construct, name: str, outcomes: Mapping[str, sfn.IChainable], otherwise: sfn.IChainable
) -> sfn.Choice:
    """Go on by a step's outcome; one that nobody expects goes `otherwise`."""
    choice = sfn.Choice(scope, name)
    for outcome, state in outcomes.items():
        choice.when(sfn.Condition.string_equals(OUTCOME, outcome), state)
    return choice.otherwise(otherwise)


def make_state_machine(
    scope: Construct,
    start: sfn.IChainable,
    settings: StageSettings,
    *,
    invokes: Sequence[lambda_.IFunction],
    key: kms.IKey | None,
    timeout: Duration,
) -> sfn.StateMachine:
    """Make a standard state machine that logs its events but not the data in them.

    Parameters
    ----------
    scope
        The saga's construct.
    start
        The first state.
    settings
        The stage's settings.
    invokes
        The functions that its states call.
    key
        What encrypts its log, if not CloudWatch's own key.
    timeout
        When AWS ends an execution that nothing else ended.
    """
    machine = sfn.StateMachine(
        scope,
        "StateMachine",
        definition_body=sfn.DefinitionBody.from_chainable(start),
        state_machine_type=sfn.StateMachineType.STANDARD,
        timeout=timeout,
        tracing_enabled=settings.tracing,
        logs=sfn.LogOptions(
            destination=make_log_group(scope, "Events", settings, key),
            level=sfn.LogLevel.ALL,
            include_execution_data=False,
        ),
    )
    acknowledge(machine, _VERSIONS, *map(versions_of, invokes))
    acknowledge(machine, _WITHOUT_RESOURCES, "AwsSolutions-IAM5[Resource::*]")
    return machine
