"""The body of `POST /v1/workflows/{id}/runs`, read without pydantic.

It has one member. A model for it would cost this function, the one that is called most, half of
its cold start; the API's document still shows one (`contract.bodies`), and a test holds this reader
to it.
"""

from __future__ import annotations

from typing import Any, Final

from kernel.errors import ValidationFailedError
from kernel.json_pointer import pointer

_INPUT: Final = "input"


def input_of(body: object) -> dict[str, Any] | None:
    """Return what the automation gets beside the workflow's parameters, if anything.

    Parameters
    ----------
    body
        A JSON value.

    Raises
    ------
    ValidationFailedError
        With one finding per problem; the value itself never stands in it.
    """
    if not isinstance(body, dict):
        raise ValidationFailedError.at("", "model_type", "Input should be an object")
    given = body.get(_INPUT)
    findings = [
        _finding(name, "extra_forbidden", "Extra inputs are not permitted")
        for name in body
        if name != _INPUT
    ]
    if given is not None and not isinstance(given, dict):
        findings.insert(0, _finding(_INPUT, "dict_type", "Input should be a valid dictionary"))
    if findings:
        raise ValidationFailedError(findings)
    return given


def _finding(name: str, code: str, message: str) -> dict[str, str]:
    return {"pointer": pointer((name,)), "code": code, "message": message}
