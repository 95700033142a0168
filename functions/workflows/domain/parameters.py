"""Checks a workflow's parameters against its automation's JSON Schema (draft 2020-12)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Final, cast

from jsonschema import Draft202012Validator

from kernel.errors import ValidationFailedError
from kernel.json_pointer import pointer
from workflows.domain.automation import Automation, Json

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_ROOT: Final = "parameters"

Finding = dict[str, str]


def verify_parameters(automation: Automation, parameters: Mapping[str, Json]) -> None:
    """Make sure that an automation can be run with these parameters.

    Raises
    ------
    ValidationFailedError
        With one finding per problem (at most 50), its pointer starting at `/parameters`. Messages
        name the rule, never the value.
    """
    validator = Draft202012Validator(dict(automation.parameters_schema))
    findings = [
        finding
        for error in islice(validator.iter_errors(dict(parameters)), ValidationFailedError.most)
        for finding in _findings(error)
    ]
    if findings:
        raise ValidationFailedError(findings)


def _findings(error: ValidationError) -> list[Finding]:
    """Point at the member that is missing or unknown, not at the object around it."""
    path = (_ROOT, *error.absolute_path)
    if error.validator == "required":
        missing = _missing_member(error)
        return [_finding((*path, missing), "required", "must be given")]
    if error.validator == "additionalProperties":
        return [
            _finding((*path, name), "additionalProperties", "is not a known parameter")
            for name in _unknown_members(error)
        ]
    return [_finding(path, str(error.validator), _message(error))]


def _finding(path: tuple[str | int, ...], code: str, message: str) -> Finding:
    return {"pointer": pointer(path), "code": code, "message": message}


def _missing_member(error: ValidationError) -> str:
    # jsonschema reports each missing member by an error of its own, its name quoted first.
    required = cast("list[str]", error.validator_value)
    return next((name for name in required if error.message.startswith(repr(name))), "")


def _unknown_members(error: ValidationError) -> list[str]:
    schema, instance = cast("tuple[dict[str, Json], Json]", (error.schema, error.instance))
    known = schema.get("properties", {})
    return [name for name in instance if name not in known]


def _message(error: ValidationError) -> str:
    template = _MESSAGES.get(str(error.validator), "does not satisfy the automation's schema")
    return template.format(error.validator_value)


_MESSAGES: Final = {
    "const": "must be {!r}",
    "enum": "must be one of {}",
    "exclusiveMaximum": "must be less than {}",
    "exclusiveMinimum": "must be greater than {}",
    "maximum": "must be at most {}",
    "maxItems": "must have at most {} items",
    "maxLength": "must have at most {} characters",
    "minimum": "must be at least {}",
    "minItems": "must have at least {} items",
    "minLength": "must have at least {} characters",
    "multipleOf": "must be a multiple of {}",
    "pattern": "must match {}",
    "type": "must be of type {}",
}
