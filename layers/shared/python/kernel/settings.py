"""One frozen settings model per function, read from the environment once at cold start."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, get_type_hints

SettingsT = TypeVar("SettingsT")


class SettingsError(Exception):
    """The environment lacks a setting or holds one that cannot be read."""


def read(model: type[SettingsT], environment: Mapping[str, str] = os.environ) -> SettingsT:
    """Fill a frozen dataclass from the environment.

    The field `billing_table_name` is read from `BILLING_TABLE_NAME`. Fields are `str`, `int`,
    `bool` (`true` or `false`) or `tuple[str, ...]` (comma-separated); one with a default may be
    missing.

    Raises
    ------
    SettingsError
        Naming every setting that is missing or malformed.
    """
    hints = get_type_hints(model)
    values: dict[str, Any] = {}
    problems: list[str] = []
    for field in dataclasses.fields(model):  # type: ignore[arg-type]  # a dataclass by contract
        name = field.name.upper()
        if name in environment:
            try:
                values[field.name] = _READERS[hints[field.name]](environment[name])
            except ValueError as error:
                problems.append(f"{name}: {error}")
        elif field.default is dataclasses.MISSING:
            problems.append(f"{name} is missing")
    if problems:
        raise SettingsError("; ".join(problems))
    return model(**values)


def _text(value: str) -> str:
    if not value:
        raise ValueError("must not be empty")
    return value


def _truth(value: str) -> bool:
    try:
        return {"true": True, "false": False}[value]
    except KeyError:
        raise ValueError("must be true or false") from None


def _texts(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


_READERS: dict[object, Callable[[str], Any]] = {
    str: _text,
    int: int,
    bool: _truth,
    tuple[str, ...]: _texts,
}
