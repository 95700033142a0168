"""Request bodies: bracketed forms and JSON come out as the same parameters."""

import json
from contextlib import suppress
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.omise_sandbox.errors import OmiseError
from local.omise_sandbox.payload import flag, integer, parse_body, parse_form

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
names = st.text("abcdefgh_", min_size=1, max_size=8)
flat = st.dictionaries(names, st.text(max_size=20), max_size=5)


@given(metadata=flat)
def test_a_form_and_json_mean_the_same(metadata: dict[str, str]) -> None:
    """Given any metadata, then the bracketed form and the JSON object are equal."""
    form = urlencode({f"metadata[{name}]": value for name, value in metadata.items()})
    document = json.dumps({"metadata": metadata} if metadata else {})

    assert parse_body(form.encode(), FORM) == parse_body(document.encode(), JSON)


@given(st.binary(max_size=200), st.sampled_from([FORM, JSON]))
def test_any_bytes_are_parameters_or_a_bad_request(body: bytes, content_type: str) -> None:
    """Given anything at all, then there are parameters or ``bad_request``, nothing else."""
    with suppress(OmiseError):
        assert all(isinstance(name, str) for name in parse_body(body, content_type))


def test_nested_names_and_lists() -> None:
    """Given brackets within brackets, then objects within objects, and ``[]`` appends."""
    assert parse_form(b"a[b][c]=1&a[b][d]=2&e[]=3&e[]=4") == {
        "a": {"b": {"c": "1", "d": "2"}},
        "e": ["3", "4"],
    }


@pytest.mark.parametrize("value", [True, 1.0, "1.0", "-1", "\N{ARABIC-INDIC DIGIT ONE}", "", [1]])
def test_a_number_is_whole_or_refused(value: object) -> None:
    """Given what is no whole number, Arabic digits included, then it is refused."""
    with pytest.raises(OmiseError, match="amount is not a number"):
        integer({"amount": value}, "amount")


@pytest.mark.parametrize(
    ("value", "meaning"), [(True, True), ("true", True), (False, False), ("false", False)]
)
def test_a_flag_is_json_or_text(value: object, *, meaning: bool) -> None:
    """Given true or false, as JSON or in a form, then that is what it means."""
    assert flag({"capture": value}, "capture", default=not meaning) is meaning
