"""The body of a run: read as the API's document says, without its model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.bodies import RunBody
from kernel.errors import ValidationFailedError
from kernel.validation import validated
from workflows.run_workflow.body import input_of

_NAMES = st.sampled_from(["input", "Input", "a/b", "~"]) | st.text(max_size=5)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=6,
)


def outcome(read: Callable[[], Any]) -> Any:  # noqa: ANN401  # an input, or what was found where
    """Return what is read, or where what was found in it."""
    try:
        return read()
    except ValidationFailedError as refusal:
        return [(finding["pointer"], finding["code"]) for finding in refusal.findings]


@given(_JSON | st.dictionaries(_NAMES, _JSON, max_size=3))
def test_a_body_is_taken_or_refused_as_its_model_says(body: Any) -> None:  # noqa: ANN401  # any JSON
    """For any JSON value, the same input, or the same findings at the same places."""
    by_model = outcome(lambda: validated(RunBody, body).input)
    assert outcome(lambda: input_of(body)) == by_model


def test_findings_are_bounded() -> None:
    """Given more unknown members than anybody reads, the first fifty are named."""
    with pytest.raises(ValidationFailedError) as refusal:
        input_of({f"unknown{number}": 1 for number in range(60)})
    assert len(refusal.value.findings) == 50
