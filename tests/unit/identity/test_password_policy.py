"""Password rules: length in characters, no rules of composition, nothing common."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.adapters import password_hashes
from identity.adapters.common_passwords import is_common
from identity.domain.email_address import parse
from identity.domain.password_policy import (
    MAX_LENGTH,
    MAX_TYPED_LENGTH,
    MIN_LENGTH,
    findings,
    normalised,
)

ADDRESS = parse("somchai@example.com")


def codes(password: str, email: str = "somchai@example.com") -> list[str]:
    """Return the codes of what is wrong with a password."""
    return [finding.code for finding in findings(password, parse(email), is_common)]


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("fourteen chars", ["password_too_short"]),
        ("fifteen charsss", []),
        ("Q7!" * 42 + "xy", []),
        ("Q7!" * 43, ["password_too_long"]),
        ("สวัสดีครับ ยินดีที่ได้รู้จัก", []),
        ("🐘🦜🐊🦧🐘🦜🐊🦧🐘🦜🐊🦧🐘🦜", ["password_too_short"]),
        ("🐘🦜🐊🦧🐘🦜🐊🦧🐘🦜🐊🦧🐘🦜🐊", []),
        ("               ", ["password_too_common"]),
    ],
)
def test_a04_lengths_count_characters(password: str, expected: list[str]) -> None:
    """15 to 128 characters of any kind, however many bytes they take."""
    assert codes(password) == expected


def test_a04_length_is_counted_after_nfkc() -> None:
    """A letter and its combining accent are one character."""
    decomposed = "e\u0301" * 14
    assert len(decomposed) == 28
    assert codes(decomposed) == ["password_too_short"]


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "PasswordPassword",
        "123456789012345",
        "1234567890123456",
        "qwertyuiopasdfgh",
        "1qaz2wsx3edc4rfv",
        "iloveyouiloveyou",
        "abcdefghijklmnop",
        "ｐａｓｓｗｏｒｄpassword",  # noqa: RUF001  # full width is the point
        "aaaaaaaaaaaaaaa",
    ],
)
def test_a04_common_passwords_are_refused(password: str) -> None:
    """Common ones written twice, keyboard runs, in any case or width."""
    assert codes(password) == ["password_too_common"]


@pytest.mark.parametrize(
    ("email", "password", "expected"),
    [
        ("somchai@example.com", "my name is SOMCHAI ok", ["password_contains_email"]),
        ("Somchai@example.com", "my name is somchai ok", ["password_contains_email"]),
        ("anna@example.com", "susanna went to school", ["password_contains_email"]),
        ("ann@example.com", "susanna went to school", []),
        ("somchai@example.com", "example.com is a domain", []),
    ],
)
def test_a04_the_local_part_may_not_be_in_it(
    email: str, password: str, expected: list[str]
) -> None:
    """A local part of four or more characters, whatever the case."""
    assert codes(password, email) == expected


def test_a05_a_text_of_any_length_costs_a_bounded_normal_form(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Combining characters in the wrong order take quadratic time, so they are cut first."""
    given_lengths: list[int] = []
    normalize = unicodedata.normalize

    def record(form: str, text: str) -> str:
        given_lengths.append(len(text))
        return normalize(form, text)  # type: ignore[arg-type]  # one of the four, as it was given

    monkeypatch.setattr(unicodedata, "normalize", record)
    password = "a" + "\u0301\u0316" * 16_000
    assert codes(password) == ["password_too_long"]
    assert not password_hashes.matches(None, password)
    assert max(given_lengths) <= MAX_TYPED_LENGTH + 1


def test_a04_what_is_cut_was_too_long_whatever_it_is_composed_to() -> None:
    """Four characters become one at most, so no password is taken for a shorter one."""
    densest = "\u03b1\u0313\u0300\u0345"
    assert len(normalised(densest)) == 1
    assert codes(densest * MAX_LENGTH) == []
    assert codes(densest * (MAX_TYPED_LENGTH // 4 + 1)) == ["password_too_long"]


@settings(deadline=None)
@given(st.text(min_size=0, max_size=200))
def test_a04_any_unicode_is_judged_by_its_normal_form(password: str) -> None:
    """Two spellings of one text are judged alike, and only by length or lists."""
    judged = codes(password)
    assert judged == codes(unicodedata.normalize("NFD", password))
    length = len(normalised(password))
    assert ("password_too_short" in judged) == (length < MIN_LENGTH)
    assert ("password_too_long" in judged) == (length > MAX_LENGTH)


@settings(deadline=None)
@given(st.text(min_size=MIN_LENGTH, max_size=40))
def test_a04_without_an_address_nothing_is_found_in_it(password: str) -> None:
    """Where the address is invalid the password is judged by the other rules alone."""
    found = findings(password, None, lambda _: False)
    assert [finding.code for finding in found] in ([], ["password_too_short"])


def test_a04_the_list_is_asked_for_the_folded_password() -> None:
    """The list holds folded passwords, so that is what it is asked for."""
    asked: list[str] = []

    def remember(password: str) -> bool:
        asked.append(password)
        return False

    findings("Correct HORSE Battery", ADDRESS, remember)
    assert asked == ["correct horse battery"]
