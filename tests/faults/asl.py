"""Runs a state machine's definition in this process, in virtual time.

It knows as much of the Amazon States Language as the sagas use: tasks with retries, catches and
task tokens, choices, waits, passes and ends, data by JSONPath. What it does not know raises.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.infra.states import StateMachine

Json = dict[str, Any]
MAX_STATES = 400
_PATH = re.compile(r"\$(\.\w+)*")


class StepError(Exception):
    """An error as Step Functions sees it: a name and a cause."""

    def __init__(self, name: str, cause: str = "") -> None:
        super().__init__(f"{name}: {cause}")
        self.name = name
        self.cause = cause


@dataclass(frozen=True)
class Surroundings:
    """What a state machine calls.

    Parameters
    ----------
    invoke
        Runs a task with its payload and returns the answer, or raises `StepError`.
    wait
        Lets seconds pass.
    wait_for_answer
        Lets at most so many seconds pass until a task token is answered; None if nobody does.
    """

    invoke: Callable[[Json], Json]
    wait: Callable[[float], None]
    wait_for_answer: Callable[[str, float], Json | None]


class Execution:
    """One execution of a state machine.

    Parameters
    ----------
    machine
        The definition.
    surroundings
        What it calls.
    """

    def __init__(self, machine: StateMachine, surroundings: Surroundings) -> None:
        self._machine = machine
        self._around = surroundings
        self._data: Json = {}
        self._tokens = 0

    def run(self, given: Json) -> str:
        """Run to the end; gives `SUCCEEDED`, `FAILED`, or `TIMED_OUT` where there is none."""
        self._data = dict(given)
        name = self._machine.start
        for _ in range(MAX_STATES):
            state = self._machine.states[name]
            if state["Type"] in {"Succeed", "Fail"}:
                return "SUCCEEDED" if state["Type"] == "Succeed" else "FAILED"
            name = self._follow(state)
        return "TIMED_OUT"

    def _follow(self, state: Json) -> str:
        match state["Type"]:
            case "Task":
                return self._task(state)
            case "Choice":
                return self._choice(state)
            case "Wait":
                self._around.wait(state["Seconds"])
            case "Pass":
                self._place(state, state["Result"])
            case kind:
                raise AssertionError(f"{kind} states are unknown here")
        return str(state["Next"])

    def _task(self, state: Json) -> str:
        attempts: dict[int, int] = {}
        while True:
            try:
                self._place(state, self._selected(state, self._result(state)))
            except StepError as error:
                if not self._is_tried_again(state, error, attempts):
                    return self._caught(state, error)
            else:
                return str(state["Next"])

    def _result(self, state: Json) -> Json:
        self._tokens += 1
        token = f"token-{self._tokens}"
        answer = self._around.invoke(self._filled(state["Parameters"]["Payload"], token))
        if not state["Resource"].endswith(".waitForTaskToken"):
            return {"Payload": answer}
        told = self._around.wait_for_answer(token, state["TimeoutSeconds"])
        if told is None:
            raise StepError("States.Timeout")
        return told

    def _is_tried_again(self, state: Json, error: StepError, attempts: dict[int, int]) -> bool:
        for number, retry in enumerate(state["Retry"]):
            if error.name in retry["ErrorEquals"]:
                made = attempts.get(number, 0)
                if made >= retry["MaxAttempts"]:
                    return False
                attempts[number] = made + 1
                delay = retry["IntervalSeconds"] * retry["BackoffRate"] ** made
                self._around.wait(min(delay, retry["MaxDelaySeconds"]))
                return True
        return False

    def _caught(self, state: Json, error: StepError) -> str:
        for catch in state["Catch"]:
            if {error.name, "States.ALL"} & set(catch["ErrorEquals"]):
                self._place(catch, {"Error": error.name, "Cause": error.cause})
                return str(catch["Next"])
        raise AssertionError(f"nobody catches {error}")

    def _choice(self, state: Json) -> str:
        for choice in state["Choices"]:
            if self._read(choice["Variable"]) == choice["StringEquals"]:
                return str(choice["Next"])
        return str(state["Default"])

    def _place(self, state: Json, value: Json) -> None:
        path = state.get("ResultPath", "$")
        if path is not None:
            self._data[path.removeprefix("$.")] = json.loads(json.dumps(value))

    def _selected(self, state: Json, result: Json) -> Json:
        selector = state.get("ResultSelector")
        if selector is None:
            return result
        return {name.removesuffix(".$"): _at(result, path) for name, path in selector.items()}

    def _filled(self, template: Json, token: str) -> Json:
        filled: Json = {}
        for name, value in template.items():
            if name.endswith(".$"):
                filled[name[:-2]] = token if value == "$$.Task.Token" else self._read(value)
            else:
                filled[name] = value
        return filled

    def _read(self, path: str) -> Any:  # noqa: ANN401  # whatever the data holds there
        return _at(self._data, path)


def _at(data: Json, path: str) -> Any:  # noqa: ANN401  # as above
    assert _PATH.fullmatch(path), path
    value: Any = data
    for name in path.split(".")[1:]:
        value = value[name]
    return value
