"""Alarms on what stands still, fails or is too slow: what AWS' services report themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from aws_cdk import Duration
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn

from infra.observability.alarms import Alarms
from infra.observability.metrics import (
    PERIOD,
    functions_of,
    is_automation,
    is_for_operators,
    numbered,
    state_machines_of,
    summed,
)
from infra.saga_dispatch import SagaDispatch
from infra.tables import ServiceTable

if TYPE_CHECKING:
    from constructs import Construct

_DAY: Final = Duration.days(1)
_BEHIND_MS: Final = 5 * 60 * 1_000
_SLOW_MS: Final = 3_000
_SOME: Final = 5
_IN_A_ROW: Final = 3
_SAGAS: Final = {
    "PurchaseSaga": "A purchase",
    "RefundSaga": "A refund",
    "RunSaga": "A run",
}
# What is aborted of these, a sweeper starts again.
_SWEPT: Final = frozenset({"PurchaseSaga", "RunSaga"})
_NIGHTLY: Final = {
    "LedgerAudit": "The ledgers were not verified",
    "Reconciliation": "Omise's books and ours were not compared",
    "BillingSweep": "Lost purchases were not looked for",
    "WorkflowsSweep": "Lost runs were not looked for",
}


def watch_sagas(alarms: Alarms, *services: Construct) -> None:
    """Watch the state machines: a saga that fails, and what does not run as often as it should."""
    machines = state_machines_of(*services)
    for name, what in _SAGAS.items():
        machine = machines.pop(name)
        alarms.on(f"{name}Failed", _sum(machine.metric_failed), f"{what} ended without settling.")
        alarms.on(f"{name}TimedOut", _sum(machine.metric_timed_out), f"{what} took for too long.")
        if name not in _SWEPT:
            aborted = _sum(machine.metric_aborted)
            alarms.on(f"{name}Aborted", aborted, f"{what} was stopped; nothing goes on with it.")
    for name, what in _NIGHTLY.items():
        _watch_nightly(alarms, name, machines.pop(name), what)
    if machines:
        raise ValueError(f"nobody watches {', '.join(machines)}")


def _watch_nightly(alarms: Alarms, name: str, machine: sfn.StateMachine, what: str) -> None:
    alarms.on(f"{name}Failed", _sum(machine.metric_failed), f"{what}: it failed.")
    done = machine.metric_succeeded(period=_DAY, statistic="Sum")
    alarms.on_absence(f"{name}Missing", done, f"{what} for two days.", periods=2)


def watch_dispatch(alarms: Alarms, dispatches: Mapping[str, SagaDispatch]) -> None:
    """Watch that what is stored gets its saga."""
    for name, dispatch in dispatches.items():
        alarms.on(
            f"{name}NotDispatched",
            dispatch.parked.metric_approximate_number_of_messages_visible(
                period=PERIOD, statistic="Maximum"
            ),
            "Something was stored, and its saga could not be started.",
        )
        alarms.on(
            f"{name}DispatchBehind",
            iterator_age(dispatch.function),
            "What was stored waits for five minutes and more for its saga.",
            _BEHIND_MS,
        )
    alarms.on(
        "SchedulesDropped",
        cloudwatch.Metric(
            namespace="AWS/Scheduler",
            metric_name="InvocationDroppedCount",
            dimensions_map={"ScheduleGroup": "default"},
            statistic="Sum",
            period=PERIOD,
        ),
        "What should have run by the clock was not started.",
    )


def watch_api(alarms: Alarms, api: apigateway.RestApi, orders: lambda_.IFunction) -> None:
    """Watch what clients notice: errors of ours, and a slow order."""
    alarms.on(
        "ServerErrors",
        api.metric_server_error(period=PERIOD, statistic="Sum"),
        "The API answers with 5xx.",
        _SOME,
    )
    alarms.on(
        "RunOrdersSlow",
        orders.metric_duration(period=PERIOD, statistic="p99"),
        "Ordering a run takes three seconds and more.",
        _SLOW_MS,
        _IN_A_ROW,
    )


def watch_functions(alarms: Alarms, services: Mapping[str, Construct]) -> None:
    """Watch the functions of each service together, and of all services those for operators."""
    watched = [one for one in functions_of(*services.values()) if not is_automation(one)]
    for name, service in services.items():
        own = {one.node.path for one in functions_of(service)}
        serving = [one for one in watched if one.node.path in own and not is_for_operators(one)]
        _watch_together(alarms, name, f"Functions of {name.lower()}", serving)
    operated = [one for one in watched if is_for_operators(one)]
    _watch_together(alarms, "Operator", "Functions for operators", operated)


def _watch_together(
    alarms: Alarms, name: str, what: str, functions: Sequence[lambda_.Function]
) -> None:
    """Add up what functions report; an alarm adds ten metrics up at the most."""
    alarms.on(
        f"{name}FunctionErrors",
        summed(numbered(map(_errors, functions)), "errors"),
        f"{what} fail.",
        _SOME,
    )
    alarms.on(
        f"{name}FunctionThrottles",
        summed(numbered(map(_throttles, functions)), "throttles"),
        f"{what} are not let run.",
    )


def watch_tables(alarms: Alarms, tables: Mapping[str, ServiceTable]) -> None:
    """Watch that DynamoDB takes what we ask for."""
    events = [metric for table in tables.values() for metric in throttled(table)]
    alarms.on(
        "TablesThrottled", summed(numbered(events), "throttled"), "DynamoDB throttles.", _SOME
    )


def throttled(table: ServiceTable) -> list[cloudwatch.Metric]:
    """Return how often a table refused reads and writes for being too many."""
    names = ("ReadThrottleEvents", "WriteThrottleEvents")
    return [table.resource.metric(name, period=PERIOD, statistic="Sum") for name in names]


def iterator_age(function: lambda_.IFunction) -> cloudwatch.Metric:
    """Return how long the oldest record of a stream has waited for a function, in milliseconds."""
    return function.metric("IteratorAge", period=PERIOD, statistic="Maximum")


def _errors(function: lambda_.Function) -> cloudwatch.Metric:
    return function.metric_errors(period=PERIOD, statistic="Sum")


def _throttles(function: lambda_.Function) -> cloudwatch.Metric:
    return function.metric_throttles(period=PERIOD, statistic="Sum")


def _sum(metric: Callable[..., cloudwatch.Metric]) -> cloudwatch.Metric:
    return metric(period=PERIOD, statistic="Sum")
