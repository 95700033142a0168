"""What an operator sees: every alarm has a runbook, and everything that is shown exists."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from infra.observability.saved_queries import FIELDS
from kernel.embedded_metrics import NAMESPACE
from tests.infra.emitted import emitted_metrics, logged_fields
from tests.infra.synthesis import ROOT, Json, Template, logical_ids, text_of

RUNBOOKS = ROOT / "docs/runbooks.md"
PARTS = ("**Means.**", "**Look.**", "**Do.**", "**Over.**")
MOST_METRICS_OF_AN_ALARM = 10
_SEARCH = re.compile(r'\{(\w+),([\w,]+)\} MetricName="(\w+)"')

Named = tuple[str, frozenset[str]]


def alarms(template: Template) -> dict[str, Json]:
    """Return a template's alarms by the names that people see, without the stage."""
    found = template.resources("AWS::CloudWatch::Alarm").values()
    return {alarm["AlarmName"].split("-", 2)[2]: alarm for alarm in found}


def runbooks() -> dict[str, str]:
    """Read the sections of the runbooks by their titles."""
    _, *sections = re.split(r"^### ", RUNBOOKS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {title.strip(): text for title, _, text in (one.partition("\n") for one in sections)}


def dashboard(template: Template) -> Json:
    """Read the one dashboard."""
    _, properties = template.only("AWS::CloudWatch::Dashboard")
    return json.loads(text_of(properties["DashboardBody"]))


def metrics_of(alarm: Json) -> list[Json]:
    """List the metrics that an alarm watches, those of its formula included."""
    parts = alarm.get("Metrics")
    if parts is None:
        return [alarm]
    return [part["MetricStat"]["Metric"] for part in parts if "MetricStat" in part]


def watched(template: Template) -> Iterator[Named]:
    """Name the metrics of ours that alarms watch, each with its dimensions."""
    for alarm in alarms(template).values():
        for metric in metrics_of(alarm):
            if metric["Namespace"] == NAMESPACE:
                dimensions = frozenset(one["Name"] for one in metric["Dimensions"])
                yield metric["MetricName"], dimensions


def shown(template: Template) -> Iterator[Named]:
    """Name the metrics of ours that the dashboard shows, each with its dimensions."""
    for widget in dashboard(template)["widgets"]:
        for line in widget["properties"].get("metrics", []):
            if isinstance(line[0], dict):
                namespace, dimensions, name = _found(line[0]["expression"])
                yield name, frozenset(dimensions.split(","))
                assert namespace == NAMESPACE
            elif line[0] == NAMESPACE:
                yield line[1], frozenset(part for part in line[2:-1:2])


def _found(expression: str) -> tuple[str, ...]:
    found = _SEARCH.search(expression)
    assert found, expression
    return found.groups()


def test_every_alarm_has_its_runbook(prod_template: Template) -> None:
    """And every runbook its alarm: what is gone from the one is gone from the other."""
    assert set(runbooks()) == set(alarms(prod_template))


def test_every_runbook_says_four_things() -> None:
    """What it means, how to see what happened, what to do, and when it is over."""
    for title, text in runbooks().items():
        positions = [text.find(part) for part in PARTS]
        assert -1 not in positions, title
        assert positions == sorted(positions), title


def test_an_alarms_description_leads_to_its_runbook(aws_template: Template) -> None:
    """Whoever is woken gets the link with the message."""
    for name, alarm in alarms(aws_template).items():
        link = alarm["AlarmDescription"].split()[-1]
        assert link.startswith("https://")
        assert link.endswith(f"docs/runbooks.md#{name.lower()}")


def test_every_alarm_tells_people_when_it_begins_and_ends(template: Template) -> None:
    """All go to the one topic."""
    (topic,) = template.resources("AWS::SNS::Topic")
    for alarm in alarms(template).values():
        assert set(logical_ids(alarm["AlarmActions"])) == {topic}
        assert set(logical_ids(alarm["OKActions"])) == {topic}


def test_an_alarm_has_no_more_metrics_than_cloudwatch_takes(aws_template: Template) -> None:
    """A formula adds ten up at the most: a service with more functions needs two alarms."""
    for name, alarm in alarms(aws_template).items():
        assert len(metrics_of(alarm)) <= MOST_METRICS_OF_AN_ALARM, name


def test_what_is_watched_and_shown_is_emitted(aws_template: Template) -> None:
    """A metric that no code emits would stay silent for ever."""
    emitted = emitted_metrics()
    for name, dimensions in [*watched(aws_template), *shown(aws_template)]:
        assert dimensions <= emitted[name], f"{name} by {sorted(dimensions)}"
        assert "service" in dimensions


def test_what_is_emitted_is_shown(prod_template: Template) -> None:
    """Nobody counts for nobody."""
    seen = {name for name, _ in [*watched(prod_template), *shown(prod_template)]}
    assert set(emitted_metrics()) - {"LedgerEntriesAudited"} <= seen


def test_no_metric_is_counted_by_what_has_no_end() -> None:
    """Every value of a dimension is a metric of its own, and costs."""
    for name, dimensions in emitted_metrics().items():
        assert dimensions <= {"service", "reason", "outcome", "automation_id", "remedy"}, name


def test_the_dashboard_begins_with_the_business(aws_template: Template) -> None:
    """Alarms first, then credits, purchases and webhooks; machinery after that."""
    titles = [widget["properties"]["title"] for widget in dashboard(aws_template)["widgets"]]
    assert titles[:4] == [
        "Alarms",
        "Credits",
        "Purchases by outcome",
        "Webhooks rejected, by reason",
    ]
    for title in (
        "Latency, ms",
        "Answers with 4xx and 5xx",
        "Function throttles",
        "Age of the streams' oldest record, ms",
        "Not dispatched",
        "Executions failed or timed out",
    ):
        assert title in titles


def test_every_function_and_state_machine_is_watched(prod_template: Template) -> None:
    """Automations aside: whether they fail is up to what users hand in."""
    referred = {
        name
        for alarm in alarms(prod_template).values()
        for metric in metrics_of(alarm)
        for name in logical_ids(metric["Dimensions"])
    }
    functions = set(prod_template.functions()) - {"WorkflowsCsvSummary", "WorkflowsWebsiteCheck"}
    machines = set(prod_template.resources("AWS::StepFunctions::StateMachine"))
    assert functions | machines <= referred


def test_saved_queries_look_at_every_log_of_their_services(prod_template: Template) -> None:
    """What happened to a purchase stands in billing's functions and state machines."""
    queries = prod_template.resources("AWS::Logs::QueryDefinition")
    by_question = {query["Name"].split("/")[1]: query for query in queries.values()}
    groups = set(prod_template.resources("AWS::Logs::LogGroup"))
    for question, services in {
        "What happened to this purchase": ("Billing",),
        "What happened to this run": ("Workflows",),
        "What happened under this correlation id": ("Billing", "Workflows", "Identity", "Edge"),
        "Security events": ("Billing", "Identity", "Edge"),
    }.items():
        query = by_question.pop(question)
        assert set(logical_ids(query["LogGroupNames"])) == {
            group for group in groups if group.startswith(services)
        }
        for field in FIELDS:
            assert field in query["QueryString"]
    assert not by_question


def test_saved_queries_name_fields_that_functions_log(prod_template: Template) -> None:
    """A field that no line has would be an empty column, or a filter that finds nothing."""
    for query in prod_template.resources("AWS::Logs::QueryDefinition").values():
        filters = re.findall(r"(\w+) = '|ispresent\((\w+)\)", query["QueryString"])
        for field in [*FIELDS, *(one or other for one, other in filters)]:
            assert field in logged_fields(), field
