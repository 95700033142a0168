"""What functions write, read from their code: metrics with their dimensions, and log fields."""

from __future__ import annotations

import ast
import functools
from collections import defaultdict
from collections.abc import Iterator

from tests.infra.synthesis import ROOT

# On every line (kernel.observability), or on those about security.
_ALWAYS = {"service", "correlation_id", "user_id", "purchase_id", "run_id"}
_OF_SECURITY = {"security_event", "reason"}
_EMITS = {"count", "measure_milliseconds", "security_event"}


def emitted_metrics() -> dict[str, set[str]]:
    """Return every metric's dimensions, by the metric's name."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "functions").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = dict(_constants(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _called(node) in _EMITS and node.args:
                for name in _texts(node.args[0], constants):
                    found[name] |= _dimensions(node)
    return found


@functools.cache
def logged_fields() -> frozenset[str]:
    """Return the fields of log lines: the keys of every `extra`, and of what goes into one."""
    keys = {
        key.value
        for folder in ("functions", "layers/shared/python")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and "logger" in ast.unparse(node.func)
        for extra in node.keywords
        for literal in ast.walk(extra.value)
        if isinstance(literal, ast.Dict)
        for key in literal.keys
        if isinstance(key, ast.Constant)
    }
    keys |= _keys_of_named_dicts()
    return frozenset({str(key) for key in keys} | _ALWAYS | _OF_SECURITY)


def _keys_of_named_dicts() -> set[str]:
    """Return the keys of dictionaries called `keys` or `ids`, which lines are given as a whole."""
    return {
        str(key.value)
        for path in (ROOT / "functions").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
        if ast.unparse(node.targets[0]) in {"keys", "ids"}
        for key in node.value.keys
        if isinstance(key, ast.Constant)
    }


def _called(call: ast.Call) -> str:
    """Name a plain function that is called; a method of that name is something else."""
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _dimensions(call: ast.Call) -> set[str]:
    if _called(call) == "security_event":
        return {"service", "reason"}
    return {"service"} | {keyword.arg for keyword in call.keywords if keyword.arg}


def _constants(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            yield node.target.id, node.value
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


def _texts(value: ast.expr, constants: dict[str, ast.expr]) -> set[str]:
    """Follow an argument to the texts that it can be."""
    match value:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.IfExp():
            return _texts(value.body, constants) | _texts(value.orelse, constants)
        case ast.Name(id=name) if name in constants:
            return _texts(constants[name], constants)
        case _:
            raise AssertionError(f"a metric's name cannot be read: {ast.unparse(value)}")
