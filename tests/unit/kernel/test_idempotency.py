"""Idempotency keys and fingerprints."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel import idempotency
from kernel.ids import derived_id, is_id, new_id

PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=255)


def test_i01_a_missing_key_is_refused() -> None:
    """I01: without the header there is no key."""
    with pytest.raises(idempotency.IdempotencyKeyMissingError):
        idempotency.key_of({})


@pytest.mark.parametrize("raw", ["", " ", '""', "x" * 256, "kéy", "a\tb", "a\x7f"])
def test_a_malformed_key_is_refused(raw: str) -> None:
    """Empty, too long or not printable ASCII."""
    with pytest.raises(idempotency.IdempotencyKeyInvalidError):
        idempotency.key_of({"idempotency-key": raw})


def test_quoted_and_bare_are_one_key() -> None:
    """`"k"` (a structured field string) and `k` mean the same."""
    quoted = idempotency.key_of({"idempotency-key": '"order-7"'})
    assert quoted == idempotency.key_of({"idempotency-key": "order-7"}) == "order-7"


@given(PRINTABLE)
def test_any_printable_key_survives_quoting(key: str) -> None:
    """Quoting by the rules of structured fields (RFC 9651) changes no key."""
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    assert idempotency.key_of({"idempotency-key": f'"{escaped}"'}) == key


def test_i03_the_same_key_with_another_request_is_refused() -> None:
    """I03: the fingerprint tells requests apart, not their spelling."""
    first = idempotency.fingerprint({"a": 1, "b": [1, 2]})
    idempotency.verify_fingerprint(first, idempotency.fingerprint({"b": [1, 2], "a": 1}))
    with pytest.raises(idempotency.IdempotencyKeyReusedError):
        idempotency.verify_fingerprint(first, idempotency.fingerprint({"a": 1, "b": [2, 1]}))


@given(st.lists(st.text(), min_size=2, max_size=4), st.lists(st.text(), min_size=2, max_size=4))
def test_i05_derived_ids_belong_to_their_parts(left: list[str], right: list[str]) -> None:
    """I05: the same parts make the same id, and no others do, however they are cut."""
    assert (derived_id("run", *left) == derived_id("run", *right)) == (left == right)
    assert derived_id("run", *left) != derived_id("pur", *left)
    assert is_id("run", derived_id("run", *left))


def test_new_ids_do_not_repeat() -> None:
    """Random ids are well-formed and differ."""
    made = {new_id("usr") for _ in range(1000)}
    assert len(made) == 1000
    assert all(is_id("usr", value) for value in made)
