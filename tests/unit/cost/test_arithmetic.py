"""The arithmetic of `make cost`, with prices and units that can be added up by hand."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from cost.fixed import monthly
from cost.lines import Line, total
from cost.prices import Price, Prices, read_prices
from cost.report import report
from cost.stack import Stack, starts_per_month
from cost.units import Assumed, Counted, Units, read_units
from cost.usage import EXECUTION, KEEPING, READING, REQUEST, Usage

Json = dict[str, Any]
MEGABYTE = 1e6


def prices(**usd: float) -> Prices:
    """Price everything at nothing to speak of, but what is named."""
    named = {
        name: Price(
            usd=usd.get(name, 1e-12),
            per=1,
            unit=price.unit,
            source=price.source,
            confirmed=True,
        )
        for name, price in read_prices().prices.items()
    }
    return Prices(region="here", currency="USD", checked=date(2026, 1, 1), prices=named)


def units(**changes: float) -> Units:
    """Assume that nothing else happens than what is said."""
    quiet = dict.fromkeys(Assumed.model_fields, 0.0)
    milliseconds = dict.fromkeys(read_units().assumed.milliseconds, 1_000.0)
    assumed = Assumed.model_validate({**quiet, "milliseconds": milliseconds, **changes})
    counted = dict.fromkeys(read_units().counted, Counted(writes=3, index=1, reads=2))
    return Units(counted=counted, assumed=assumed)


def resource(kind: str, **properties: object) -> Json:
    """Make a resource."""
    return {"Type": kind, "Properties": properties}


def machine(states: Json, start: str) -> Json:
    """Make a state machine whose definition refers to something."""
    text = json.dumps({"StartAt": start, "States": states})
    definition = {"Fn::Join": ["", [text[:10], text[10:]]]}
    return resource("AWS::StepFunctions::StateMachine", DefinitionString=definition)


def stack(**more: Json) -> Stack:
    """Make a stack with functions of 1 GB and sagas of three states."""
    functions = {
        name: resource("AWS::Lambda::Function", MemorySize=1024)
        for name in read_units().assumed.milliseconds
    }
    saga = {
        "First": {"Type": "Task", "Next": "Which"},
        "Which": {
            "Type": "Choice",
            "Choices": [{"Next": "csv-summary"}, {"Next": "AwaitPayment1"}],
            "Default": "Stuck",
        },
        "csv-summary": {"Type": "Task", "Next": "Done"},
        "AwaitPayment1": {"Type": "Task", "Next": "Done"},
        "Stuck": {"Type": "Fail"},
        "Done": {"Type": "Succeed"},
    }
    resources = {
        **functions,
        "WorkflowsRunSaga1": machine(saga, "First"),
        "BillingPurchaseSaga1": machine(saga, "First"),
        "Logs": resource("AWS::Logs::LogGroup", RetentionInDays=60),
        "Stage": resource("AWS::ApiGateway::Stage", MethodSettings=[{"MetricsEnabled": False}]),
    }
    return Stack("test", {**resources, **more})


def cost_of(lines: list[Line], price: str, group: str | None = None) -> float:
    """Return how many units of a price there are."""
    return sum(
        line.quantity for line in lines if line.price == price and group in {None, line.group}
    )


def test_a_price_is_for_so_many_units() -> None:
    """Given 4.25 USD a million, 2 million are 8.50."""
    assert read_prices().cost("api_request", 2_000_000) == pytest.approx(8.5)


def test_lines_add_up() -> None:
    """Given two lines of different prices, their sum is what both cost."""
    lines = [Line("", "", 3, "write_unit"), Line("", "", 5, "read_unit")]
    assert total(lines, prices(write_unit=2, read_unit=10)) == pytest.approx(56)


def test_a_run_is_counted_by_hand() -> None:
    """Given 1 GB and 1 s a function, a run's requests, seconds, units and transitions are these."""
    run = Usage(stack(), units(reads_per_run=1)).run()
    assert cost_of(run, "api_request") == 2
    assert cost_of(run, "lambda_request", REQUEST) == 1
    assert cost_of(run, "lambda_gb_second", EXECUTION) == 4  # dispatch, two steps, automation
    assert cost_of(run, "lambda_request", READING) == 1
    assert cost_of(run, "write_unit", REQUEST) == 4
    assert cost_of(run, "write_unit", EXECUTION) == 8
    assert cost_of(run, "read_unit") == 2 + 4 + 1
    assert cost_of(run, "state_transition") == 5  # the start, and four states


def test_a_purchase_is_counted_by_hand() -> None:
    """Given three looks at it, a purchase is five requests, four of them by its buyer."""
    purchase = Usage(stack(), units(reads_per_purchase=3, authorizer_share=1)).purchase()
    assert cost_of(purchase, "api_request") == 5
    # Four of them are authorized; then purchase, webhook, three reads, dispatch and two steps.
    assert cost_of(purchase, "lambda_request") == 4 + 8
    assert cost_of(purchase, "write_unit") == 4 * 4
    assert cost_of(purchase, "state_transition") == 5


def test_logs_are_taken_in_and_kept() -> None:
    """Given 1 MB a line and 60 days at a tenth of the size, 1 MB is kept for two months."""
    run = Usage(stack(), units(access_log_bytes=MEGABYTE, log_archive_ratio=0.1)).run()
    assert cost_of(run, "log_gb") == pytest.approx(0.001)
    assert cost_of(run, "log_gb_month") == pytest.approx(0.0002)


def test_a_firewall_and_a_network_cost_by_use_too() -> None:
    """Given either in the template, requests pass it; without, they do not."""
    guarded = stack(
        Acl=resource("AWS::WAFv2::WebACL", Rules=[{}, {}]),
        Nat=resource("AWS::EC2::NatGateway"),
    )
    quantities = units(omise_calls_per_purchase=2, omise_call_bytes=500 * MEGABYTE)
    purchase = Usage(guarded, quantities).purchase()
    assert cost_of(purchase, "firewall_request") == 2
    assert cost_of(purchase, "nat_gb") == pytest.approx(1)
    plain = Usage(stack(), quantities).purchase()
    assert cost_of(plain, "firewall_request") + cost_of(plain, "nat_gb") == 0


def test_recovery_is_charged_where_it_is_on() -> None:
    """Given a table with point-in-time recovery, what is stored is charged twice over."""
    on = {"PointInTimeRecoveryEnabled": True}
    table = resource("AWS::DynamoDB::Table", PointInTimeRecoverySpecification=on)
    run = Usage(stack(Table=table), units(run_stored_bytes=MEGABYTE)).run()
    assert cost_of(run, "recovery_gb_month", KEEPING) == pytest.approx(0.001)
    assert cost_of(Usage(stack(), units()).run(), "recovery_gb_month") == 0


def test_what_stands_there_is_counted() -> None:
    """Given a network, keys, alarms and a dashboard, a month is their sum."""
    metric: Json = {"MetricStat": {}}
    standing = stack(
        Nat=resource("AWS::EC2::NatGateway"),
        Address=resource("AWS::EC2::EIP"),
        Endpoint=resource("AWS::EC2::VPCEndpoint", VpcEndpointType="Interface", SubnetIds=[1, 2]),
        Gateway=resource("AWS::EC2::VPCEndpoint", VpcEndpointType="Gateway"),
        Key=resource("AWS::KMS::Key"),
        Secret=resource("AWS::SecretsManager::Secret"),
        Acl=resource("AWS::WAFv2::WebACL", Rules=[{}, {}, {}]),
        Alarm=resource("AWS::CloudWatch::Alarm", MetricName="x"),
        Formula=resource("AWS::CloudWatch::Alarm", Metrics=[metric, metric, {"Expression": "a"}]),
        Dashboard=resource("AWS::CloudWatch::Dashboard"),
    )
    lines = monthly(Usage(standing, units(business_metrics=7)))
    counted = {line.price: line.quantity for line in lines if line.quantity}
    assert counted == {
        "nat_hour": 730,
        "address_hour": 730,
        "endpoint_hour": 2 * 730,
        "key_month": 1,
        "secret_month": 1,
        "firewall_month": 1,
        "firewall_rule_month": 3,
        "alarm_month": 3,
        "dashboard_month": 1,
        "metric_month": 7,
    }


def test_detailed_metrics_of_the_gateway_are_charged_by_method() -> None:
    """Given the setting, each method has five metrics."""
    detailed = stack(
        Stage=resource("AWS::ApiGateway::Stage", MethodSettings=[{"MetricsEnabled": True}]),
        Get=resource("AWS::ApiGateway::Method"),
        Post=resource("AWS::ApiGateway::Method"),
    )
    assert cost_of(monthly(Usage(detailed, units())), "metric_month") == 10


def test_schedules_start_functions_and_walks() -> None:
    """Given one of each, hourly, both are charged, and the walk by its transitions as well."""

    def hourly(target: Json) -> Json:
        rate = "rate(1 hour)"
        return resource("AWS::Scheduler::Schedule", ScheduleExpression=rate, Target={"Arn": target})

    text = {"Fn::Join": ["", ["{", {"Fn::GetAtt": ["BillingAudit", "Arn"]}, "}"]]}
    lines = monthly(
        Usage(
            stack(
                Sweep=hourly({"Fn::GetAtt": ["BillingSweeper", "Arn"]}),
                Audit=hourly({"Ref": "Walk"}),
                Walk=resource("AWS::StepFunctions::StateMachine", DefinitionString=text),
            ),
            units(),
        )
    )
    assert cost_of(lines, "lambda_request") == 2 * 730
    assert cost_of(lines, "state_transition") == 4 * 730


@pytest.mark.parametrize(
    ("expression", "starts"),
    [
        ("rate(5 minutes)", 8_760),
        ("rate(1 minute)", 43_800),
        ("rate(24 hours)", 730 / 24),
        ("rate(1 day)", 730 / 24),
        ("cron(0 19 * * ? *)", 730 / 24),
    ],
)
def test_a_schedule_is_so_many_starts_a_month(expression: str, starts: float) -> None:
    """Given a month of 730 hours."""
    assert starts_per_month(expression) == pytest.approx(starts)


def test_a_way_that_is_not_there_is_no_estimate() -> None:
    """Given a state that the saga cannot come to, counting fails."""
    with pytest.raises(ValueError, match="no way"):
        stack().states("WorkflowsRunSaga", "monthly-report")


@pytest.mark.parametrize(
    "wrong", [{"usd": 0}, {"usd": -1}, {"per": 0}, {"source": "https://example.com/"}, {"more": 1}]
)
def test_a_price_has_a_source_and_is_a_price(wrong: Json) -> None:
    """Given a price that says nothing, or not where it is from, the file is refused."""
    good = {"usd": 1, "per": 1, "unit": "x", "source": "https://aws.amazon.com/x/"}
    with pytest.raises(ValidationError):
        Price.model_validate({**good, "confirmed": True, **wrong})


@pytest.mark.parametrize(("usd", "verdict"), [(6.9e-6, "1.00 below"), (8.9e-6, "1.00 over")])
def test_the_budget_is_told_honestly(usd: float, verdict: str) -> None:
    """Given a request that costs a dollar a million less than it may, or more, it is said so."""
    printed = report([stack()], prices(api_request=usd), units())
    assert f"{verdict} the budget of 7.9" in printed


def test_prices_that_nobody_confirmed_are_named() -> None:
    """Given the file as it is, the report names what to look up, and the prices' date."""
    known = read_prices()
    printed = report([stack()], known, read_units())
    assert f"prices of {known.checked}" in printed
    assert all(unit in printed.splitlines()[-1] for unit in known.unconfirmed())
