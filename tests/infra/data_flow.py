"""Follows data through a state machine: which JSONPaths hold something whenever a state is entered.

A path stands for all that is below it, as far as nothing is known of what is below. `ResultPath`
replaces what was at its place; a `ResultSelector` says which members are then there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.infra.states import StateMachine
from tests.infra.synthesis import Json

Paths = frozenset[str]
_PATH = re.compile(r"\$(?:\.[A-Za-z_]\w*)+")


def defined_at(machine: StateMachine, given: set[str]) -> dict[str, Paths]:
    """Find what is certainly there when each state is entered.

    Parameters
    ----------
    machine
        The state machine.
    given
        The paths of its input.
    """
    entered: dict[str, Paths] = {machine.start: frozenset(given)}
    pending = [machine.start]
    while pending:
        name = pending.pop()
        for successor, paths in _leaves(machine.states[name], entered[name]):
            certain = _in_both(paths, entered.get(successor, paths))
            if entered.get(successor) != certain:
                entered[successor] = certain
                pending.append(successor)
    return entered


def used_by(state: Json) -> set[str]:
    """Name the paths that a state reads from its input."""
    read = [value for key, value in _members(state.get("Parameters", {})) if key.endswith(".$")]
    for choice in state.get("Choices", []):
        read += [value for key, value in _members(choice) if key == "Variable"]
    # `$$.` is the context object's, and always there.
    return {path for text in read if not text.startswith("$$") for path in _PATH.findall(text)}


def holds(paths: Paths, path: str) -> bool:
    """Tell whether a path is there: itself, something above it, or something in it."""
    return any(_covers(known, path) or _covers(path, known) for known in paths)


def _covers(above: str, path: str) -> bool:
    return f"{path}.".startswith(f"{above}.")


def _in_both(some: Paths, others: Paths) -> Paths:
    return frozenset(
        path
        for these, those in ((some, others), (others, some))
        for path in these
        if any(_covers(known, path) for known in those)
    )


def _leaves(state: Json, paths: Paths) -> Iterator[tuple[str, Paths]]:
    """Say where a state leads, and with what."""
    for catch in state.get("Catch", []):
        caught = catch.get("ResultPath", "$")
        members = ("Error", "Cause")
        yield catch["Next"], _placed(paths, caught, {f"{caught}.{name}" for name in members})
    results = _results(state, paths)
    for key in ("Next", "Default"):
        if key in state:
            yield state[key], results
    for choice in state.get("Choices", []):
        yield choice["Next"], results


def _results(state: Json, paths: Paths) -> Paths:
    if state["Type"] not in {"Task", "Pass"}:
        return paths
    place = state.get("ResultPath", "$")
    selected = state.get("ResultSelector") or {}
    names = {f"{place}.{name.removesuffix('.$')}" for name in selected}
    return _placed(paths, place, names or {place})


def _placed(paths: Paths, place: str | None, results: set[str]) -> Paths:
    if place is None:
        return paths
    kept = {path for path in paths if path != place and not path.startswith(f"{place}.")}
    return frozenset(kept | results)


def _members(value: Json) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, child in value.items():
            if isinstance(child, str):
                yield key, child
            yield from _members(child)
    elif isinstance(value, list):
        for child in value:
            yield from _members(child)
