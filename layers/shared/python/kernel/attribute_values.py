"""Plain values as DynamoDB's attribute values, and back.

An attribute value is what goes over the wire: `{"N": "7"}`, and `{"B": "aGVsbG8="}` with the bytes
in base64. Numbers are integers; a float is refused, since it would not come back as it was.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

Item = dict[str, Any]
Attributes = Mapping[str, Any]
AttributeValue = dict[str, Any]

_MAX_NUMBER: Final = 10**38  # DynamoDB keeps 38 digits


def marshal(item: Attributes) -> dict[str, AttributeValue]:
    """Turn plain values into attribute values.

    Raises
    ------
    TypeError
        If a value is of a type that is not stored, a float for example.
    ValueError
        If a number has more digits than DynamoDB keeps.
    """
    return {name: _attribute_value(value) for name, value in item.items()}


def unmarshal(attributes: Attributes) -> Item:
    """Turn attribute values into plain values."""
    return {name: _plain(value) for name, value in attributes.items()}


def _attribute_value(value: Any) -> AttributeValue:  # noqa: ANN401  # whatever is stored
    return (_WRITERS.get(type(value)) or _writer_of(value))(value)


def _writer_of(value: object) -> Callable[[Any], AttributeValue]:
    """Find the writer of a type's ancestor: an enumeration's member is stored as its text."""
    for ancestor, writer in _WRITERS.items():
        if isinstance(value, ancestor):
            return writer
    raise TypeError(f"{type(value).__name__} is not a type that is stored")


def _text(value: str) -> AttributeValue:
    return {"S": str(value)}


def _number(value: int) -> AttributeValue:
    if not -_MAX_NUMBER < value < _MAX_NUMBER:
        raise ValueError("a number has more than 38 digits")
    return {"N": str(int(value))}


def _truth(value: bool) -> AttributeValue:  # noqa: FBT001  # that is what it stores
    return {"BOOL": value}


def _absence(_value: None) -> AttributeValue:
    return {"NULL": True}


def _binary(value: bytes) -> AttributeValue:
    return {"B": base64.b64encode(value).decode()}


def _list(value: Sequence[Any]) -> AttributeValue:
    return {"L": [_attribute_value(child) for child in value]}


def _map(value: Attributes) -> AttributeValue:
    return {"M": marshal(value)}


_WRITERS: Final[dict[type, Callable[[Any], AttributeValue]]] = {
    str: _text,
    int: _number,
    bool: _truth,
    type(None): _absence,
    bytes: _binary,
    list: _list,
    tuple: _list,
    dict: _map,
}


def _plain(value: AttributeValue) -> Any:  # noqa: ANN401  # whatever was stored
    ((kind, content),) = value.items()
    return _READERS[kind](content)


def _plain_list(content: list[AttributeValue]) -> list[Any]:
    return [_plain(child) for child in content]


def _as_it_is(content: Any) -> Any:  # noqa: ANN401  # text or truth
    return content


def _none(_content: object) -> None:
    return None


_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "S": _as_it_is,
    "N": int,
    "BOOL": _as_it_is,
    "NULL": _none,
    "B": base64.b64decode,
    "L": _plain_list,
    "M": unmarshal,
}
