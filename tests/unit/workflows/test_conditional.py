"""`If-Match` and `ETag` (RFC 9110)."""

from __future__ import annotations

import pytest

from workflows.workflows.conditional import entity_tag, expected_versions


@pytest.mark.parametrize(
    ("field", "versions"),
    [
        (None, None),
        ("*", None),
        ('"3"', {3}),
        (' "3" , "4"', {3, 4}),
        ('W/"3"', set()),
        ("3", set()),
        ('"x"', set()),
        ("", set()),
    ],
)
def test_if_match_names_the_versions_that_the_caller_knows(
    field: str | None, versions: set[int] | None
) -> None:
    """Given the header, strong tags of ours are versions, `*` or none is any, others match none."""
    headers = {} if field is None else {"if-match": field}

    assert expected_versions(headers) == versions


def test_a_tag_that_was_given_out_matches() -> None:
    """Given the tag of a version, it names that version."""
    assert expected_versions({"if-match": entity_tag(7)}) == frozenset({7})
