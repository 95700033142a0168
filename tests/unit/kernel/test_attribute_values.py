"""Attribute values: as boto3 has them, and back as they were."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from kernel.attribute_values import marshal, unmarshal

_LARGEST = 10**38 - 1
_TEXTS = st.text(st.characters(codec="utf-8"))
_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-_LARGEST, _LARGEST) | _TEXTS | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=8,
)
_ITEMS = st.dictionaries(_TEXTS, _PLAIN, max_size=4)


class Colour(StrEnum):
    """A text of our own."""

    RED = "red"


def as_sent(value: Any) -> Any:  # noqa: ANN401  # an attribute value of boto3's
    """Put bytes into base64, which botocore does when it sends them."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return {name: as_sent(child) for name, child in value.items()}
    return [as_sent(child) for child in value] if isinstance(value, list) else value


@given(_ITEMS)
def test_values_are_those_that_boto3_would_send(item: dict[str, Any]) -> None:
    """For any item, the wire's form is the same."""
    boto3s = {name: TypeSerializer().serialize(value) for name, value in item.items()}
    assert marshal(item) == as_sent(boto3s)


@given(_ITEMS)
def test_an_item_comes_back_as_it_was(item: dict[str, Any]) -> None:
    """For any item, through JSON and back."""
    assert unmarshal(json.loads(json.dumps(marshal(item)))) == item


def test_texts_and_sequences_of_our_own_are_stored_as_what_they_are() -> None:
    """An enumeration's member is its text, a tuple is a list."""
    stored = marshal({"colour": Colour.RED, "pair": (1, 2)})
    assert json.dumps(stored) == (
        '{"colour": {"S": "red"}, "pair": {"L": [{"N": "1"}, {"N": "2"}]}}'
    )


@pytest.mark.parametrize("value", [1.5, {1}, object(), [0.1], {"deep": 0.1}])
def test_l01_what_would_not_come_back_is_refused(value: object) -> None:
    """L01: a float is no amount, and nothing that DynamoDB would round gets there."""
    with pytest.raises(TypeError):
        marshal({"value": value})


@pytest.mark.parametrize("number", [10**38, -(10**38)])
def test_a_number_beyond_dynamodbs_digits_is_refused(number: int) -> None:
    """It would be cut."""
    with pytest.raises(ValueError, match="38 digits"):
        marshal({"value": number})


def test_a_stored_number_that_is_no_integer_is_no_amount() -> None:
    """Somebody else wrote it."""
    with pytest.raises(ValueError, match=r"1\.5"):
        unmarshal({"value": {"N": "1.5"}})
