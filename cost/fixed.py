"""What a stage costs in a month in which nobody comes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cost.lines import Line
from cost.stack import Stack, starts_per_month
from cost.usage import Usage

HOURS: Final = 730
NETWORK: Final = "network"
SECURITY: Final = "keys, secrets, firewall"
WATCHING: Final = "metrics, alarms, dashboards"
ALONE: Final = "what runs by itself"
# Count, Latency, IntegrationLatency, 4XXError, 5XXError of each method, where that is enabled.
_METRICS_PER_METHOD: Final = 5
# A walk over nothing: the start, one part, the question whether there is more, the end.
_STATES_PER_WALK: Final = 4


def monthly(usage: Usage) -> list[Line]:
    """Return the lines of one month."""
    stack = usage.stack
    return [*_network(stack), *_security(stack), *_watching(usage), *_alone(usage)]


def _network(stack: Stack) -> Iterator[Line]:
    nats = len(stack.all("AWS::EC2::NatGateway"))
    addresses = len(stack.all("AWS::EC2::EIP"))
    zones = sum(
        len(endpoint["SubnetIds"])
        for endpoint in stack.all("AWS::EC2::VPCEndpoint").values()
        if endpoint.get("VpcEndpointType") == "Interface"
    )
    yield Line(NETWORK, f"{nats} NAT gateway", nats * HOURS, "nat_hour")
    yield Line(NETWORK, f"{addresses} public address", addresses * HOURS, "address_hour")
    yield Line(NETWORK, f"{zones} interface endpoints x zones", zones * HOURS, "endpoint_hour")


def _security(stack: Stack) -> Iterator[Line]:
    keys = len(stack.all("AWS::KMS::Key"))
    secrets = len(stack.all("AWS::SecretsManager::Secret"))
    acls = stack.all("AWS::WAFv2::WebACL")
    rules = sum(len(acl["Rules"]) for acl in acls.values())
    yield Line(SECURITY, f"{keys} KMS keys", keys, "key_month")
    yield Line(SECURITY, f"{secrets} secret", secrets, "secret_month")
    yield Line(SECURITY, f"{len(acls)} web ACL", len(acls), "firewall_month")
    yield Line(SECURITY, f"{rules} rules", rules, "firewall_rule_month")


def _watching(usage: Usage) -> Iterator[Line]:
    stack = usage.stack
    alarms = sum(_metrics_of(alarm) for alarm in stack.all("AWS::CloudWatch::Alarm").values())
    dashboards = len(stack.all("AWS::CloudWatch::Dashboard"))
    yield Line(WATCHING, f"{alarms} metrics of alarms", alarms, "alarm_month")
    yield Line(WATCHING, f"{dashboards} dashboard", dashboards, "dashboard_month")
    business = usage.units.assumed.business_metrics
    yield Line(WATCHING, f"{business:g} business metrics", business, "metric_month")
    if stack.detailed_metrics:
        methods = len(stack.all("AWS::ApiGateway::Method"))
        what = f"{methods} methods' metrics, if all are called"
        yield Line(WATCHING, what, methods * _METRICS_PER_METHOD, "metric_month")


def _alone(usage: Usage) -> Iterator[Line]:
    """Make the lines of schedules: each starts a function, or a walk with one part."""
    stack = usage.stack
    for name, schedule in stack.all("AWS::Scheduler::Schedule").items():
        starts = starts_per_month(schedule["ScheduleExpression"])
        (started,) = _references(schedule["Target"]["Arn"])
        functions = stack.all("AWS::Lambda::Function").keys()
        if started not in functions:
            yield Line(ALONE, name, starts * _STATES_PER_WALK, "state_transition")
            definition = stack.resources[started]["Properties"]["DefinitionString"]
            (started,) = functions & set(_references(definition))
        yield from usage.invocation(ALONE, started, starts)


def _references(value: Any) -> Iterator[str]:  # noqa: ANN401  # a template's value
    """Name the resources that a value refers to."""
    if isinstance(value, dict):
        if "Ref" in value:
            yield value["Ref"]
        if "Fn::GetAtt" in value:
            yield value["Fn::GetAtt"][0]
        for child in value.values():
            yield from _references(child)
    elif isinstance(value, list):
        for child in value:
            yield from _references(child)


def _metrics_of(alarm: Any) -> int:  # noqa: ANN401  # a resource's properties
    """Count what an alarm looks at: each metric of a formula is charged."""
    metrics = [one for one in alarm.get("Metrics", []) if "MetricStat" in one]
    return len(metrics) or 1
