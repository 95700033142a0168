"""What operators may do: invoke one function per service, and nothing directly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.acknowledgements import acknowledge, executions_of
from infra.settings import StageSettings

if TYPE_CHECKING:
    from aws_cdk import aws_sqs as sqs

OPERATOR_LOG: Final = "OPERATOR_LOG"
_STACKS: Final = "arn:<AWS::Partition>:cloudformation:<AWS::Region>:<AWS::AccountId>:stack/"


class Operators(Construct):
    """The policy to attach to the operators' role: invoke these functions, find their names.

    Parameters
    ----------
    scope
        The stack.
    settings
        The stage's settings.
    functions
        What they invoke, by the output that names it.
    parked
        The queues of what could not be dispatched, by the output that names it.

    Attributes
    ----------
    outputs
        What the operators' command line looks up.
    """

    def __init__(
        self,
        scope: Construct,
        settings: StageSettings,
        functions: Mapping[str, lambda_.Function],
        parked: Mapping[str, sqs.Queue],
    ) -> None:
        super().__init__(scope, "Operators")
        stack = Stack.of(self).format_arn(
            service="cloudformation",
            resource="stack",
            resource_name=f"{Stack.of(self).stack_name}/*",
        )
        policy = iam.ManagedPolicy(
            self,
            "Policy",
            description=f"Credit Engine {settings.stage}: operate it by python -m operator_cli",
            statements=[
                _allow("lambda:InvokeFunction", [one.function_arn for one in functions.values()]),
                _allow("cloudformation:DescribeStacks", [stack]),
            ],
        )
        acknowledge(
            policy,
            "A stack's ARN ends in an id that it gets anew whenever it is made anew.",
            f"AwsSolutions-IAM5[Resource::{_STACKS}{Stack.of(self).stack_name}/*]",
        )
        for queue in parked.values():
            queue.grant_consume_messages(policy)
        self.outputs = {
            "OperatorPolicyArn": policy.managed_policy_arn,
            **{name: function.function_name for name, function in functions.items()},
            **{name: queue.queue_url for name, queue in parked.items()},
        }


def allow_running(function: lambda_.Function, *machines: sfn.StateMachine) -> None:
    """Let a function start state machines and see what came of it."""
    for machine in machines:
        machine.grant_start_execution(function)
        machine.grant_execution(function, "states:DescribeExecution")
        acknowledge(
            function.role or function,
            "Its executions are named after requests that are yet to be made.",
            executions_of(machine),
        )


def _allow(action: str, resources: list[str]) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=[action], resources=resources)
