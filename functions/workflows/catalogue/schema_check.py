"""Checks the automations' parameter schemas; done once, when a stage is synthesised."""

from __future__ import annotations

from collections.abc import Iterable

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from workflows.catalogue.entries import Entry


class ParametersSchemaError(Exception):
    """An automation's `parameters_schema` is no JSON Schema of an object."""


def verify_schemas(entries: Iterable[Entry]) -> None:
    """Make sure that every automation's parameters can be validated.

    Raises
    ------
    ParametersSchemaError
        Naming the first automation whose schema is none.
    """
    for entry in entries:
        try:
            Draft202012Validator.check_schema(entry.parameters_schema)
        except SchemaError as error:
            raise ParametersSchemaError(f"{entry.id}: {error.message}") from error
        if entry.parameters_schema.get("type") != "object":
            raise ParametersSchemaError(f"{entry.id}: parameters must be of type object")
