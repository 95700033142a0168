"""Why a run failed, in words that its user may read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_MAX_MESSAGE_LENGTH: Final = 500
_VERDICT: Final = "AutomationFailed"
_TIMEOUTS: Final = frozenset({"States.Timeout", "States.HeartbeatTimeout", "Sandbox.Timedout"})


@dataclass(frozen=True, slots=True)
class Failure:
    """A stable code for programs and a sentence for a person."""

    code: str
    message: str


_TOO_LARGE: Final = frozenset(
    {"OutputTooLargeError", "States.DataLimitExceeded", "Function.ResponseSizeTooLarge"}
)


class OutputTooLargeError(Exception):
    """The automation returned more than a state machine hands on."""


TIMED_OUT: Final = Failure("automation_timed_out", "The automation did not finish in time.")
FAILED: Final = Failure("automation_failed", "The automation failed.")
OUTPUT_TOO_LARGE: Final = Failure("output_too_large", "The automation returned more than 256 KiB.")
INTERRUPTED: Final = Failure("run_interrupted", "The run was interrupted, and was not finished.")


def failure_of(error: Mapping[str, Any]) -> Failure:
    """Read the error that a `Catch` of Step Functions hands on.

    Parameters
    ----------
    error
        `{"Error": name, "Cause": text}`. The cause of a Lambda's error is its JSON document
        (`errorType`, `errorMessage`); that of a nested state machine is the description of its
        execution, with an `Error` and `Cause` of its own.

    Returns
    -------
    Failure
        The automation's own verdict if it raised `AutomationFailed` with a well-formed one, else
        what can be said without showing anything of the inside.
    """
    name, cause = str(error.get("Error", "")), str(error.get("Cause", ""))
    document = _json_object(cause)
    if "Error" in document:
        name, cause = str(document["Error"]), str(document.get("Cause", ""))
        document = _json_object(cause)
    if name in _TIMEOUTS or document.get("errorType") in _TIMEOUTS:
        return TIMED_OUT
    if name in _TOO_LARGE or document.get("errorType") in _TOO_LARGE:
        return OUTPUT_TOO_LARGE
    if name == _VERDICT:
        return _verdict(_json_object(str(document.get("errorMessage", cause))))
    return FAILED


def _verdict(document: Mapping[str, Any]) -> Failure:
    code, message = document.get("code"), document.get("message")
    if isinstance(code, str) and _CODE.fullmatch(code) and isinstance(message, str):
        return Failure(code, message[:_MAX_MESSAGE_LENGTH])
    return FAILED


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
