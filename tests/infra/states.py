"""State machines of a template, read as graphs of states."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from tests.infra.synthesis import Json, Template, text_of


@dataclass(frozen=True)
class StateMachine:
    """One state machine.

    Parameters
    ----------
    name
        Its logical id.
    start
        Its first state.
    states
        All of them, by name.
    """

    name: str
    start: str
    states: dict[str, Json]

    def successors(self, name: str) -> list[str]:
        """Name the states that may follow one."""
        state = self.states[name]
        branches = [choice["Next"] for choice in state.get("Choices", [])]
        caught = [catch["Next"] for catch in state.get("Catch", [])]
        following = [state[key] for key in ("Next", "Default") if key in state]
        return [*following, *branches, *caught]

    def reachable(self, start: str) -> set[str]:
        """Name the states that an execution can come to, the start included."""
        found, pending = {start}, [start]
        while pending:
            for successor in self.successors(pending.pop()):
                if successor not in found:
                    found.add(successor)
                    pending.append(successor)
        return found

    def tasks(self) -> Iterator[tuple[str, Json]]:
        """List the states that call something."""
        yield from ((name, state) for name, state in self.states.items() if state["Type"] == "Task")


def state_machines(template: Template) -> list[StateMachine]:
    """Read all state machines of a template."""
    machines = []
    for name, properties in template.resources("AWS::StepFunctions::StateMachine").items():
        definition = json.loads(text_of(properties["DefinitionString"]))
        machines.append(StateMachine(name, definition["StartAt"], definition["States"]))
    return machines


def machine(template: Template, beginning: str) -> StateMachine:
    """Return the state machine whose logical id begins so."""
    (found,) = (one for one in state_machines(template) if one.name.startswith(beginning))
    return found
