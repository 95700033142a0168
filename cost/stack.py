"""What a synthesized template says that costs money."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aws_cdk import App

from infra.settings import settings_of
from infra.stack import CreditEngineStack

Json = Any  # what a template holds
ROOT: Final = Path(__file__).parent.parent
_MINUTES: Final = {"minute": 1, "hour": 60, "day": 24 * 60}
_MINUTES_PER_MONTH: Final = 730 * 60
_DAYS_PER_MONTH: Final = 730 / 24
_RATE: Final = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")


@dataclass(frozen=True)
class Stack:
    """One stage's template.

    Parameters
    ----------
    stage
        The stage.
    resources
        Its resources by logical id.
    """

    stage: str
    resources: Mapping[str, Json]

    def all(self, kind: str) -> dict[str, Json]:
        """Return the properties of all resources of a type, by logical id."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource["Type"] == kind
        }

    def memory_gb(self, function: str) -> float:
        """Return the memory of a function, by its logical id."""
        return float(self.resources[function]["Properties"]["MemorySize"]) / 1024

    @property
    def has_firewall(self) -> bool:
        """Whether requests pass a web ACL."""
        return bool(self.all("AWS::WAFv2::WebACL"))

    @property
    def has_network(self) -> bool:
        """Whether calls to Omise pass a NAT gateway."""
        return bool(self.all("AWS::EC2::NatGateway"))

    @property
    def recovers(self) -> bool:
        """Whether tables can be restored to a point in time."""
        return any(
            table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled")
            for table in self.all("AWS::DynamoDB::Table").values()
        )

    @property
    def log_retention_days(self) -> int:
        """How long logs are kept."""
        groups = self.all("AWS::Logs::LogGroup").values()
        return max(int(group["RetentionInDays"]) for group in groups)

    @property
    def detailed_metrics(self) -> bool:
        """Whether the gateway counts each method apart, which is charged."""
        (stage,) = self.all("AWS::ApiGateway::Stage").values()
        return any(one.get("MetricsEnabled") for one in stage["MethodSettings"])

    def states(self, machine: str, *through: str) -> int:
        """Count the state transitions of an execution's shortest way.

        Every state that is entered, and the start: so AWS's pricing examples count.

        Parameters
        ----------
        machine
            What the state machine's logical id begins with.
        *through
            The states that it has to pass, in this order; then it goes to its good end.
        """
        (found,) = (
            one
            for name, one in self.all("AWS::StepFunctions::StateMachine").items()
            if name.startswith(machine)
        )
        definition = json.loads(_text(found["DefinitionString"]))
        states: Mapping[str, Json] = definition["States"]
        ends = [name for name, state in states.items() if state["Type"] == "Succeed"]
        count, position = 2, definition["StartAt"]  # the start, and the first state
        for goal in (*([name] for name in through), ends):
            position, steps = _shortest(states, position, goal)
            count += steps
        return count


def synthesise(stage: str) -> Stack:
    """Synthesise a stage, without AWS credentials and without bundling wheels."""
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    with tempfile.TemporaryDirectory() as folder:
        app = App(context={**context, "aws:cdk:bundling-stacks": []}, outdir=folder)
        name = CreditEngineStack(app, settings_of(stage)).stack_name
        template = app.synth().get_stack_by_name(name).template
    return Stack(stage, json.loads(json.dumps(template))["Resources"])


def starts_per_month(expression: str) -> float:
    """Say how often a schedule starts something in a month: a rate, or once a day by `cron`."""
    rate = _RATE.fullmatch(expression)
    if rate is None:
        return _DAYS_PER_MONTH
    return _MINUTES_PER_MONTH / (int(rate[1]) * _MINUTES[rate[2]])


def _shortest(states: Mapping[str, Json], start: str, goals: Sequence[str]) -> tuple[str, int]:
    """Find the nearest of some states, and how many steps it is away."""
    distance = {start: 0}
    pending = [start]
    for name in pending:  # grows while it is walked: breadth first
        if name in goals:
            return name, distance[name]
        for successor in _successors(states[name]):
            if successor not in distance:
                distance[successor] = distance[name] + 1
                pending.append(successor)
    raise ValueError(f"no way from {start} to {', '.join(goals)}")


def _successors(state: Json) -> list[str]:
    """Name the states that follow when nothing goes wrong."""
    following = [state[key] for key in ("Next", "Default") if key in state]
    return [*following, *(choice["Next"] for choice in state.get("Choices", []))]


def _text(value: Json) -> str:
    """Join a text that has references in it; what they refer to does not matter here."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return str(separator).join(map(_text, parts))
    return "reference"
