"""Reading a request's parameters: JSON, form fields with brackets, or a query string.

Omise takes all three: the ``omise`` package sends JSON (in the body of a GET, too), ``curl`` and
most other clients send ``source[type]=promptpay``.
"""

import json
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl

from local.omise_sandbox.clock import from_timestamp
from local.omise_sandbox.errors import OmiseError

Parameters = dict[str, object]

_DEEPEST: Final = 4
_MOST_FIELDS: Final = 200


def parse_body(body: bytes, content_type: str) -> Parameters:
    """Return the parameters in a body.

    Parameters
    ----------
    body
        The raw bytes; none are no parameters.
    content_type
        The media type without its parameters.

    Raises
    ------
    OmiseError
        ``bad_request``: the body is not what its media type says.
    """
    if not body.strip():
        return {}
    if content_type == "application/x-www-form-urlencoded":
        return parse_form(body)
    try:
        document = json.loads(body)
    except ValueError as error:
        raise OmiseError("bad_request", "request body is not valid JSON") from error
    if not isinstance(document, dict):
        raise OmiseError("bad_request", "request body is not a JSON object")
    return _without_nulls(document.items())


def parse_form(body: bytes) -> Parameters:
    """Return form fields, ``a[b]=1`` as ``{"a": {"b": "1"}}`` and ``a[]=1`` as ``{"a": ["1"]}``.

    Raises
    ------
    OmiseError
        ``bad_request``: no form, or more fields or nesting than any honest request has.
    """
    parameters: Parameters = {}
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise OmiseError("bad_request", "request body is not a valid form") from error
    for name, value in fields:
        keys = [key.rstrip("]") for key in name.split("[")]
        if len(keys) > _DEEPEST:
            raise OmiseError("bad_request", f"{keys[0]} is nested too deep")
        _assign(parameters, keys, value)
    return parameters


def _assign(into: Parameters, keys: list[str], value: str) -> None:
    first, *rest = keys
    if not rest:
        into[first] = value
        return
    child = into.setdefault(first, [] if rest == [""] else {})
    if rest == [""] and isinstance(child, list):
        child.append(value)
    elif isinstance(child, dict):
        _assign(child, rest, value)
    else:
        raise OmiseError("bad_request", f"{first} is given in two ways")


def _without_nulls(fields: Iterable[tuple[str, object]]) -> Parameters:
    # The omise package sends null for what its caller left out.
    return {name: value for name, value in fields if value is not None}


def text(parameters: Parameters, name: str) -> str | None:
    """Return a parameter that is text, or none.

    Raises
    ------
    OmiseError
        ``bad_request``: it is there and no text.
    """
    value = parameters.get(name)
    if value is None or isinstance(value, str):
        return value or None
    raise OmiseError("bad_request", f"{name} is not a string")


def integer(parameters: Parameters, name: str, error_code: str = "bad_request") -> int | None:
    """Return a parameter that is a whole number, as JSON's or as digits, or none.

    Raises
    ------
    OmiseError
        With `error_code`: it is there and no whole number.
    """
    value = parameters.get(name)
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    raise OmiseError(error_code, f"{name} is not a number")


def flag(parameters: Parameters, name: str, *, default: bool) -> bool:
    """Return a parameter that is true or false.

    Raises
    ------
    OmiseError
        ``bad_request``: it is neither.
    """
    value = parameters.get(name, default)
    if value in {True, "true", "1"}:
        return True
    if value in {False, "false", "0"}:
        return False
    raise OmiseError("bad_request", f"{name} is not a boolean")


def mapping(parameters: Parameters, name: str) -> dict[str, object]:
    """Return a parameter that is an object; without it, an empty one.

    Raises
    ------
    OmiseError
        ``bad_request``: it is something else.
    """
    value = parameters.get(name, {})
    if isinstance(value, dict):
        return value
    raise OmiseError("bad_request", f"{name.capitalize()} should be a JSON hash")


def moment(parameters: Parameters, name: str, error_code: str = "bad_request") -> int | None:
    """Return an ISO 8601 parameter in epoch seconds, or none.

    Raises
    ------
    OmiseError
        With `error_code`: it is there and no time.
    """
    value = text(parameters, name)
    if value is None:
        return None
    try:
        return from_timestamp(value)
    except ValueError as error:
        raise OmiseError(error_code, f"{name} is not a valid date") from error
