"""E-mail addresses: one per mailbox, whatever the spelling."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.domain.email_address import (
    MAX_TYPED_LENGTH,
    InvalidEmailError,
    folded,
    login_digest,
    parse,
)


@pytest.mark.parametrize(
    "spelling",
    [
        "Somchai.P@Example.COM",
        "  somchai.p@example.com\n",
        "ｓｏｍｃｈａｉ.p@example.com",  # noqa: RUF001  # full width is the point
        "SOMCHAI.P@EXAMPLE.com",
    ],
)
def test_a06_spellings_of_one_address_are_one(spelling: str) -> None:
    """Case, blanks around and compatibility forms make no second address."""
    assert parse(spelling).digest == parse("somchai.p@example.com").digest


def test_a06_an_internationalised_domain_is_one_in_both_its_forms() -> None:
    """Punycode and Unicode name the same domain."""
    assert parse("a@xn--bcher-kva.example.com").digest == parse("a@BÜCHER.example.com").digest


def test_the_given_spelling_is_kept_to_show() -> None:
    """What is shown is what was typed, without the blanks around it."""
    assert parse(" Somchai@Example.com ").given == "Somchai@Example.com"


@pytest.mark.parametrize(
    "text",
    ["", "a", "a@", "@example.com", "a@example", "a b@example.com", "a@exam ple.com",
     "a@localhost", "a@-example.com", f"{'a' * 65}@example.com", f"a@{'b.' * 130}com",
     "a@example.com\u200b", "a@[127.0.0.1]", "a\r\nbcc: b@example.com"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    """Syntax is checked, lengths and header injection included."""
    with pytest.raises(InvalidEmailError):
        parse(text)


def test_a05_a_text_that_is_too_long_is_refused_before_it_costs_anything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Combining characters in the wrong order take quadratic time to normalise."""
    normalised: list[int] = []
    normalize = unicodedata.normalize

    def record(form: str, text: str) -> str:
        normalised.append(len(text))
        return normalize(form, text)  # type: ignore[arg-type]  # one of the four, as it was given

    monkeypatch.setattr(unicodedata, "normalize", record)
    typed = "a" + "\u0301\u0316" * 16_000
    with pytest.raises(InvalidEmailError):
        parse(typed)
    assert len(login_digest(typed)) == 64
    assert login_digest(typed) != login_digest(f"{typed}a")
    assert all(length <= MAX_TYPED_LENGTH for length in normalised)


@settings(deadline=None)
@given(st.emails())
def test_a06_a_registered_address_is_found_again_by_its_shouted_spelling(address: str) -> None:
    """Logging in with other case finds the account that any address was registered under."""
    try:
        registered = parse(address)
    except InvalidEmailError:
        return
    assert login_digest(f" {registered.given.upper()} ") == registered.digest


@settings(deadline=None)
@given(st.text(max_size=300))
def test_a03_every_text_has_a_login_key(text: str) -> None:
    """Looking an account up never fails, so a malformed address is just an unknown one."""
    assert len(login_digest(text)) == 64


@settings(deadline=None)
@given(st.text())
def test_folding_is_stable(text: str) -> None:
    """Folding twice changes nothing, for any Unicode."""
    assert folded(folded(text)) == folded(text)
