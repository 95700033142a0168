"""The metrics that alarms watch and dashboards show: our own, and those of AWS' services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn

from kernel.embedded_metrics import NAMESPACE

if TYPE_CHECKING:
    from constructs import IConstruct

PERIOD: Final = Duration.minutes(5)
_AUTOMATIONS: Final = ".automations."
_FOR_OPERATORS: Final = (".operations.", ".dispute.")


def counted(
    name: str, service: str, *, period: Duration = PERIOD, **dimensions: str
) -> cloudwatch.Metric:
    """Return a metric that our code counts, added up.

    Parameters
    ----------
    name
        As the code says it: `CreditsSold`.
    service
        The service whose functions count it.
    period
        Over what it is added up.
    **dimensions
        By which part of it; all of them, where none is named.
    """
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=name,
        dimensions_map={"service": service, **dimensions},
        statistic="Sum",
        period=period,
    )


def by(name: str, dimension: str, statistic: str = "Sum") -> cloudwatch.MathExpression:
    """Return a metric of ours as a line for each value of a dimension, whatever values there are.

    Only for graphs: an alarm cannot search.
    """
    schema = f"{{{NAMESPACE},service,{dimension}}}"
    search = f"""SEARCH('{schema} MetricName="{name}"', '{statistic}')"""
    # Without a label of its own CloudWatch names each line by what tells it from the others.
    return cloudwatch.MathExpression(expression=search, label="", period=PERIOD)


def functions_of(*scopes: IConstruct) -> list[lambda_.Function]:
    """List the functions of services, in the order of their ids."""
    found = [
        child
        for scope in scopes
        for child in scope.node.find_all()
        if isinstance(child, lambda_.Function)
    ]
    return sorted(found, key=lambda function: function.node.id)


def is_automation(function: lambda_.Function) -> bool:
    """Tell whether users' input decides if a function fails: then its errors are no alarm."""
    return _AUTOMATIONS in _handler(function)


def is_for_operators(function: lambda_.Function) -> bool:
    """Tell whether operators invoke a function, and nobody else."""
    return any(folder in _handler(function) for folder in _FOR_OPERATORS)


def _handler(function: lambda_.Function) -> str:
    resource = function.node.default_child
    return (resource.handler or "") if isinstance(resource, lambda_.CfnFunction) else ""


def state_machines_of(*scopes: IConstruct) -> dict[str, sfn.StateMachine]:
    """Return the state machines of services by what they are: `PurchaseSaga`."""
    return {
        _name_of(child): child
        for scope in scopes
        for child in scope.node.find_all()
        if isinstance(child, sfn.StateMachine)
    }


def _name_of(machine: sfn.StateMachine) -> str:
    """Name a machine by the construct that it belongs to, and its service where that is vague."""
    service, owner = machine.node.path.split("/")[-3:-1]
    return f"{service}{owner}" if owner == "Sweep" else owner


def summed(metrics: Mapping[str, cloudwatch.IMetric], label: str) -> cloudwatch.MathExpression:
    """Add metrics up; what reports nothing counts as nothing."""
    return cloudwatch.MathExpression(
        expression="+".join(f"FILL({name},0)" for name in metrics),
        using_metrics=dict(metrics),
        label=label,
        period=PERIOD,
    )


def numbered(metrics: Iterable[cloudwatch.IMetric]) -> dict[str, cloudwatch.IMetric]:
    """Give metrics the ids that an expression knows them by."""
    return {f"m{number}": metric for number, metric in enumerate(metrics, start=1)}
